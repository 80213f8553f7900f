import "server-only";
import daemun from "@/daemun.config";
import type { Deadlines, ProviderTraits, SessionPolicy } from "@/edge/config";
import { env } from "../env";

/** The session policy in force: `daemun.config.ts`, overridden by the environment. Seconds. */
export function sessionPolicy(): SessionPolicy {
  return { ...(daemun.session as SessionPolicy), ...env().session };
}

/**
 * The deadlines of a new session: the general ones, overridden by the provider's, overridden by the environment. Those
 * of a remembered sign-in are a pair of their own, which the environment leaves alone.
 */
export function deadlinesFor(providerId: string, { remember }: { remember: boolean }): Deadlines {
  const remembered = remember ? rememberedDeadlines(providerId) : null;
  if (remembered) return remembered;
  const { idleSeconds, absoluteSeconds } = {
    ...daemun.session,
    ...withoutAbsent(traitsOf(providerId)?.session ?? {}),
    ...env().session,
  };
  return { idleSeconds, absoluteSeconds };
}

/**
 * The deadlines of "Keep me signed in" at this provider, or null where it is not offered: neither where the
 * configuration says so, nor where it gives the provider deadlines of its own and says nothing of remembering.
 */
export function rememberedDeadlines(providerId: string): Deadlines | null {
  const own = traitsOf(providerId)?.session;
  return (own ? own.remembered || null : sessionPolicy().remembered) ?? null;
}

function withoutAbsent({ idleSeconds, absoluteSeconds }: Partial<Deadlines>): Partial<Deadlines> {
  return {
    ...(idleSeconds !== undefined && { idleSeconds }),
    ...(absoluteSeconds !== undefined && { absoluteSeconds }),
  };
}

function traitsOf(providerId: string): ProviderTraits | undefined {
  const traits: Readonly<Record<string, ProviderTraits>> = daemun.providers;
  return Object.hasOwn(traits, providerId) ? traits[providerId] : undefined;
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
  return traitsOf(providerId)?.trustRoles ?? true;
}

/** Those of `roles` that the edge has to know. */
export function rolesForGates(roles: readonly string[]): string[] {
  return roles.filter((role) => gateRoles.has(role));
}
