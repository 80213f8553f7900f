import "server-only";
import { isText } from "../oidc/signed-token";

/** The roles that a claim gives: texts, each once, bounded. Anything else gives none. */
export function parseRoles(claim: unknown): string[] {
  if (!Array.isArray(claim)) return [];
  // A text that a database cannot keep as it came is not changed into another role's name, but left out.
  const roles = claim.filter((item): item is string => isText(item) && item.length <= 100);
  return [...new Set(roles)].slice(0, 100);
}
