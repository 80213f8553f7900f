import "server-only";
import { noteCut } from "../http/note-cut";

const deepest = 20;

// `JSON.parse` makes own members of these; whoever assigns them by name afterwards (`Object.assign`, `target[name] = …`)
// reaches a prototype.
const hostileNames = new Set(["__proto__", "constructor", "prototype"]);

/**
 * A JSON value rebuilt, without members whose names reach prototypes, and with null for what is nested deeper than
 * twenty levels, so that nobody downstream runs out of stack.
 *
 * @param text what every string and every name becomes
 */
export function plainJson(value: unknown, text: (text: string) => string = (same) => same, depth = 0): unknown {
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= deepest) {
    noteCut("an answer", "nesting", { kept: deepest, of: depth + 1 });
    return null;
  }
  if (Array.isArray(value)) return value.map((item) => plainJson(item, text, depth + 1));
  const members = Object.entries(value).map(([name, item]) => [text(name), item] as const);
  // Judged as they have become: a NUL in the middle hides a name.
  const harmless = members.filter(([name]) => !hostileNames.has(name));
  return Object.fromEntries(harmless.map(([name, item]) => [name, plainJson(item, text, depth + 1)]));
}
