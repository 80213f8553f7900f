import "server-only";
import { createHash } from "node:crypto";

// A token that is older may have been revoked: it is replaced again.
const youngMs = 30_000;
const most = 10_000;

// Until when each counts as young, by its hash. On globalThis: a bundle may hold this module more than once.
const held = globalThis as typeof globalThis & { daemunReplacements?: Map<string, number> };

/** Notes a token that was fetched because a service refused the one before it. */
export function noteReplacement(token: string): void {
  held.daemunReplacements ??= new Map();
  const replacements = held.daemunReplacements;
  replacements.set(hashOf(token), Date.now() + youngMs);
  if (replacements.size > most) replacements.delete(replacements.keys().next().value as string);
}

/** Notes that a service took a token. */
export function noteTaken(token: string): void {
  if (held.daemunReplacements?.size) held.daemunReplacements.delete(hashOf(token));
}

/** Whether a token is seconds old, replaced a refused one, and was taken by no service yet: another would be refused as well. */
export function isReplacement(token: string): boolean {
  const hash = hashOf(token);
  const until = held.daemunReplacements?.get(hash) ?? 0;
  if (until > Date.now()) return true;
  held.daemunReplacements?.delete(hash);
  return false;
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
