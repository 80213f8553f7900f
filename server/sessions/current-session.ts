import "server-only";
import { type ActiveSession, getSessionState } from "./session-state";

/**
 * The session of whoever is asking, or null. Null also when the registry cannot be asked: who cannot be recognised is
 * nobody. Use `requireSession` where that difference must be told to the person.
 */
export async function getCurrentSession(): Promise<ActiveSession | null> {
  const state = await getSessionState();
  return state.kind === "active" ? state.session : null;
}
