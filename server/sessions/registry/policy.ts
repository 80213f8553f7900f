import "server-only";
import daemun from "@/daemun.config";
import type { Configuration, Deadlines, ProviderTraits, SessionPolicy } from "@/edge/config";
import { coversAddress } from "../../settings/email-domains";
import { env } from "../../settings/env";
import type { Role } from "../../settings/names";

const config: Configuration = daemun;

/** The session policy in force: `daemun.config.ts`, overridden by the environment. Seconds. */
export function sessionPolicy(): SessionPolicy {
  return { ...config.session, ...env().session };
}

/**
 * The deadlines of a new session: the general ones, overridden by the provider's, overridden by the environment. Those
 * of a remembered sign-in are a pair of their own, which the environment leaves alone.
 */
export function deadlinesFor(providerId: string, { remember }: { remember: boolean }): Deadlines {
  const remembered = remember ? rememberedDeadlines(providerId) : null;
  if (remembered) return remembered;
  const { idleSeconds, absoluteSeconds } = {
    ...config.session,
    ...traitsOf(providerId)?.session,
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

function traitsOf(providerId: string): ProviderTraits | undefined {
  return Object.hasOwn(config.providers, providerId) ? config.providers[providerId] : undefined;
}

/** How often a session's row is written for activity, in milliseconds: every 30 s or a quarter of its idle time. */
export function touchIntervalMs(idleSeconds: number): number {
  return Math.min(30_000, (idleSeconds * 1000) / 4);
}

// The cookie names only the roles that some gate asks for: the row has them all, and a cookie has to stay small.
const gateRoles: ReadonlySet<string> = new Set(config.gates.flatMap((gate) => gate.roles ?? []));

/** Whether the `roles` claim of this provider counts: of several providers, only of those that configuration trusts. */
export function trustsRoles(providerId: string): boolean {
  return traitsOf(providerId)?.trustRoles ?? env().providers.length === 1;
}

/**
 * Whether an address that this provider has verified counts: of several providers, only of those that configuration trusts
 * with it, all or those of some domains.
 *
 * @param address in lower case
 */
export function trustsAddress(providerId: string, address: string): boolean {
  return coversAddress(traitsOf(providerId)?.trustEmail ?? env().providers.length === 1, address);
}

/** Whether configuration says how strong this authentication context is. */
export function isOrderedContext(providerId: string, acr: string): boolean {
  return traitsOf(providerId)?.acrLevels?.includes(acr) ?? false;
}

/**
 * The authentication contexts that satisfy one of `asked` (separated by spaces): these, and what configuration lists after
 * the weakest of them. An empty word is none, or whoever has no context would have it.
 */
export function satisfyingContexts(providerId: string, asked: string): string[] {
  const named = asked.split(" ").filter(Boolean);
  const levels = traitsOf(providerId)?.acrLevels ?? [];
  const weakest = levels.findIndex((level) => named.includes(level));
  return [...new Set([...named, ...(weakest < 0 ? [] : levels.slice(weakest))])];
}

/** Where a sign-out leads to that names no page. */
export function signedOutPath(): string {
  return config.signedOutPath ?? "/signed-out";
}

/** The roles that open `/admin`: any of them. */
export function adminRoles(): readonly Role[] {
  // Without configuration it is one that no gate need name.
  return (config.admin?.roles ?? ["admin"]) as readonly Role[];
}

/** Whether somebody may see the access tokens of their own session. */
export function showsRawTokens(): boolean {
  return config.inspector?.raw === true;
}

/** Those of `roles` that the edge has to know. */
export function rolesForGates(roles: readonly string[]): string[] {
  return roles.filter((role) => gateRoles.has(role));
}
