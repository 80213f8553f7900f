import "server-only";

const deepest = 20;

/**
 * A JSON value as PostgreSQL can keep it: no NUL and no half of a surrogate pair in any text, no nesting without end.
 * Providers may send all of these, and none of them may keep anybody from signing in.
 */
export function storable(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.replaceAll("\0", "").toWellFormed();
  if (typeof value !== "object" || value === null) return value;
  if (depth >= deepest) return null;
  if (Array.isArray(value)) return value.map((item) => storable(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storable(item, depth + 1)]));
}
