import "server-only";
import { afterResponse } from "../../http/after-response";
import type { ActiveSession } from "./active-session";
import { ownerOf } from "./session-owner";

// When this process looks next, by session. The database knows better, and is asked then; this only saves the question.
const held = globalThis as typeof globalThis & { daemunRechecks?: Map<string, number> };
const atMost = 10_000;

// Of the time that configuration gives, so that a user who is active now and then is looked at within it.
const share = 0.8;

const longestRetryMs = 30_000;

/**
 * Has the provider asked whether it still honours the sign-in of this active user, where it was not for a while: after the
 * response, under the lease of any refresh. What it refuses ends as any refused refresh does. Never throws.
 */
export function recheckLater(session: ActiveSession, now: number): void {
  const owner = ownerOf(session);
  if ("kind" in owner || owner.provider.recheckSeconds === 0) return;
  const dueMs = owner.provider.recheckSeconds * 1000 * share;
  held.daemunRechecks ??= new Map();
  if (now < (held.daemunRechecks.get(session.id) ?? session.createdAt.getTime() + dueMs)) return;
  // Whoever comes meanwhile leaves it to this one; so does, for a moment, whoever comes after one that failed.
  note(session.id, now + Math.min(longestRetryMs, dueMs / 4));
  afterResponse(async () => {
    // Only now: a page that asks for no token loads no vault (ADR 68).
    const { sessionBroker } = await import("./session-broker");
    const leftMs = await sessionBroker.recheck(owner, dueMs);
    if (leftMs !== null) note(session.id, Date.now() + leftMs);
  });
}

/** Bounded: the oldest is forgotten first. */
function note(id: string, until: number): void {
  held.daemunRechecks ??= new Map();
  const all = held.daemunRechecks;
  all.delete(id);
  all.set(id, until);
  const [oldest] = all.keys();
  if (all.size > atMost && oldest !== undefined) all.delete(oldest);
}
