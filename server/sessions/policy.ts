import "server-only";
import daemun from "@/daemun.config";
import type { ProviderTraits, SessionPolicy } from "@/edge/config";
import { env } from "../env";

/** The session policy in force: `daemun.config.ts`, overridden by the environment. Seconds. */
export function sessionPolicy(): SessionPolicy {
  return { ...daemun.session, ...env().session };
}

/** How often a session's row is written for activity, in milliseconds: every 30 s or a quarter of its idle time. */
export function touchIntervalMs(idleSeconds: number): number {
  return Math.min(30_000, (idleSeconds * 1000) / 4);
}

// The cookie names only the roles that some gate asks for: the row has them all, and a cookie has to stay small.
const gateRoles: ReadonlySet<string> = new Set(
  daemun.gates.flatMap((gate): readonly string[] => ("roles" in gate ? gate.roles : [])),
);

/** Whether the `roles` claim of this provider counts: with several providers, not each of them may make admins. */
export function trustsRoles(providerId: string): boolean {
  const traits: ProviderTraits | undefined = (daemun.providers as Record<string, ProviderTraits>)[providerId];
  return traits?.trustRoles ?? true;
}

/** Those of `roles` that the edge has to know. */
export function rolesForGates(roles: readonly string[]): string[] {
  return roles.filter((role) => gateRoles.has(role));
}
