import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { signInAddress } from "@/edge/return-path";
import { errorJson, redirectTo } from "../../http/error-reply";
import { confirmationOf } from "../../sessions/guards/confirmation";
import { stepUpAddress } from "../../sessions/guards/step-up";
import type { ActiveSession } from "../../sessions/registry/active-session";

/**
 * A linked identity outlives the session that linked it, as an export does the session that asked for it. Whoever wants one has
 * signed in recently, or does so first and comes back to `returnTo`; null for who has.
 */
export async function confirmFirst(
  request: Request,
  session: ActiveSession,
  returnTo: string,
): Promise<Response | null> {
  const confirmation = confirmationOf(session);
  if (confirmation.kind === "confirmed") return null;
  if (!isNavigation(request.headers)) return errorJson("step_up_required");
  const address =
    confirmation.kind === "sign_in_again"
      ? signInAddress(returnTo, "step_up_required", session.provider)
      : await stepUpAddress(session, confirmation.asked, returnTo);
  return redirectTo(address);
}
