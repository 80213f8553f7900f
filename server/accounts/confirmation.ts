import "server-only";
import { isConfirmed, type StepUp } from "../sessions/guards/step-up";
import type { ActiveSession } from "../sessions/registry/active-session";
import { sessionPolicy } from "../sessions/registry/policy";
import { findProvider } from "../settings/env";

/** Whether a user has signed in recently enough for what cannot be undone, and what they have to do otherwise. */
export type Confirmation =
  | { kind: "confirmed" }
  /** The provider confirms it. */
  | { kind: "step_up"; asked: StepUp & { maxAgeSeconds: number } }
  /** OAuth 2.0 has no words to ask a provider for that: the sign-in here has to be recent. */
  | { kind: "sign_in_again" };

/** What is needed of this session before its user's account may be deleted. */
export function confirmationOf(session: ActiveSession, now = new Date()): Confirmation {
  const asked = { maxAgeSeconds: sessionPolicy().recentSignInSeconds };
  if (isConfirmed(session, asked, now)) return { kind: "confirmed" };
  if (!findProvider(session.provider)?.oauth2) return { kind: "step_up", asked };
  const age = now.getTime() - session.createdAt.getTime();
  return { kind: age <= asked.maxAgeSeconds * 1000 ? "confirmed" : "sign_in_again" };
}
