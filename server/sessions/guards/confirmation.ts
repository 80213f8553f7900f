import "server-only";
import { findProvider } from "../../settings/env";
import type { ActiveSession } from "../registry/active-session";
import { sessionPolicy } from "../registry/policy";
import { isConfirmed, type StepUp } from "./step-up";

/** Whether a user has signed in recently enough for what cannot be undone, and what they have to do otherwise. */
export type Confirmation =
  | { kind: "confirmed" }
  /** The provider confirms it. */
  | { kind: "step_up"; asked: StepUp & { maxAgeSeconds: number } }
  /** OAuth 2.0 has no words to ask a provider for that: the sign-in here has to be recent. */
  | { kind: "sign_in_again" };

/** What is needed of this session before its user's account may be deleted, or what signs in to it may be changed. */
export function confirmationOf(session: ActiveSession, now = new Date()): Confirmation {
  const asked = { maxAgeSeconds: sessionPolicy().recentSignInSeconds };
  // Nor has it words to say when somebody authenticated: what counts is when the session began.
  if (findProvider(session.provider)?.oauth2) {
    const age = now.getTime() - session.createdAt.getTime();
    return { kind: age <= asked.maxAgeSeconds * 1000 ? "confirmed" : "sign_in_again" };
  }
  return isConfirmed(session, asked, now) ? { kind: "confirmed" } : { kind: "step_up", asked };
}
