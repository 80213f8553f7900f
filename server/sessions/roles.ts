import "server-only";

/** The roles that a claim gives: texts, each once, bounded. Anything else gives none. */
export function parseRoles(claim: unknown): string[] {
  if (!Array.isArray(claim)) return [];
  const roles = claim.filter((item): item is string => typeof item === "string" && item.length <= 100);
  return [...new Set(roles)].slice(0, 100);
}
