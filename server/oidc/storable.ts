import "server-only";
import { plainJson } from "./plain-json";

/**
 * A JSON value as PostgreSQL can keep it: no NUL and no half of a surrogate pair in any text, no nesting without end, and
 * no names that reach prototypes. Providers may send all of these, and none of them may keep anybody from signing in.
 */
export function storable(value: unknown): unknown {
  // Replaced, not taken out: "ad\0min" must not become a word that somebody else owns.
  return plainJson(value, (text) => text.replaceAll("\0", "\ufffd").toWellFormed());
}
