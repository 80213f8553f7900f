import "server-only";
import { log } from "../http/log";

const held = globalThis as typeof globalThis & { daemunOverages?: Set<string> };
const atMost = 1_000;

/**
 * Says in the log, once in each process for each issuer and claim, that a token leaves a claim out because it would be too long:
 * the user has groups, and this app does not know which.
 *
 * Source: OpenID Connect Core 1.0, section 5.6.2 (`_claim_names`);
 * https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference (groups overage, `hasgroups`).
 */
export function noteOverage(claims: Readonly<Record<string, unknown>>, name: string, issuer: string): void {
  const { _claim_names: elsewhere, hasgroups } = claims;
  const isElsewhere = typeof elsewhere === "object" && elsewhere !== null && Object.hasOwn(elsewhere, name);
  if (!isElsewhere && !(name === "groups" && isSaid(hasgroups))) return;
  held.daemunOverages ??= new Set();
  const key = `${issuer} ${name}`;
  if (held.daemunOverages.has(key) || held.daemunOverages.size >= atMost) return;
  held.daemunOverages.add(key);
  const cure = "Have the provider send fewer: only the groups assigned to this app, or app roles in their place.";
  log.warn("claims.overage", { issuer, claim: name, cure });
}

function isSaid(value: unknown): boolean {
  return value === true || value === "true";
}
