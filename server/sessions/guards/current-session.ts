import "server-only";
import type { ActiveSession } from "../registry/active-session";
import { readSession } from "../registry/session-state";

/**
 * The session of whoever is asking, or null. Null also when the registry cannot be asked: who cannot be recognised is
 * nobody. Use `requireSession` where that difference must be told to the person.
 */
export async function getCurrentSession(): Promise<ActiveSession | null> {
  const state = await readSession();
  return state.kind === "active" ? state.session : null;
}
