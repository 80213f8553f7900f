import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { signInAddress } from "@/edge/return-path";
import { errorJson, redirectTo } from "../../http/error-reply";
import { isConfirmed, stepUpAddress } from "../../sessions/guards/step-up";
import type { ActiveSession } from "../../sessions/registry/active-session";
import { sessionPolicy } from "../../sessions/registry/policy";
import { findProvider } from "../../settings/env";

/**
 * A linked identity outlives the session that linked it. Whoever changes one has signed in recently, or does so first and comes
 * back to `returnTo`; null for who has.
 */
export async function confirmFirst(
  request: Request,
  session: ActiveSession,
  returnTo: string,
): Promise<Response | null> {
  const { recentSignInSeconds: maxAgeSeconds } = sessionPolicy();
  const provider = findProvider(session.provider);
  // OAuth 2.0 has no words to ask for an authentication, and none to say when it was: what counts is when the session began.
  const isSilent = Boolean(provider?.oauth2);
  const ageMs = Date.now() - session.createdAt.getTime();
  if (isSilent ? ageMs <= maxAgeSeconds * 1000 : isConfirmed(session, { maxAgeSeconds })) return null;
  if (!isNavigation(request.headers)) return errorJson("step_up_required");
  const address = isSilent
    ? signInAddress(returnTo, "step_up_required", session.provider)
    : await stepUpAddress(session, { maxAgeSeconds }, returnTo);
  return redirectTo(address);
}
