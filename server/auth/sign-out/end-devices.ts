import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { audited } from "../../audit/audit";
import { databaseFailureCode } from "../../db/unavailable";
import { afterResponse } from "../../http/after-response";
import { errorReply, failedReply, redirectTo } from "../../http/error-reply";
import { describeError, log } from "../../http/log";
import { readSessionForm } from "../../sessions/guards/guarded-form";
import { isConfirmed } from "../../sessions/guards/step-up";
import type { ActiveSession } from "../../sessions/registry/active-session";
import { type Chosen, endChosen, parseChosen } from "../../sessions/registry/end-chosen";
import { sessionPolicy } from "../../sessions/registry/policy";
import { revokeQuietly } from "../../tokens/revoke-grants";
import { startStepUp } from "../sign-in/step-up";

/**
 * `POST /api/account/sessions/end`: ends one other session of this person (`session`, its public id), or all others
 * (`which=others`). A sign-in that is not recent is confirmed at the provider first, where that can be asked; coming back
 * from there does what was asked for. An unknown, a foreign and an ended session are answered alike.
 */
export async function endDevices(request: Request): Promise<Response> {
  const sent = await readSessionForm(request);
  if (sent instanceof Response) return sent;
  const { form, session } = sent;
  const asked = form.get("which") ?? form.get("session");
  if (!asked || (form.has("which") && (form.has("session") || asked !== "others"))) {
    return errorReply(request, "invalid_request");
  }
  const chosen = parseChosen(asked);
  const returnTo = form.get("page") === "activity" ? notMineAddress : endedAddress;
  const { recentSignInSeconds: maxAgeSeconds } = sessionPolicy();
  if (isConfirmed(session, { maxAgeSeconds })) return endNow(request, session, chosen, { confirmed: true, returnTo });
  const asks = { maxAgeSeconds, returnTo, end: chosen && asked };
  return startStepUp(request, session, asks, () => endNow(request, session, chosen, { confirmed: false, returnTo }));
}

async function endNow(
  request: Request,
  { user, id: current }: ActiveSession,
  chosen: Chosen | null,
  { confirmed, returnTo }: { confirmed: boolean; returnTo: string },
): Promise<Response> {
  try {
    const ended = chosen
      ? await audited((tx, audit) => endChosen(tx, audit, { userId: user.id, current, chosen, confirmed }))
      : null;
    afterResponse(() => revokeQuietly(ended?.grants ?? []));
    return isNavigation(request.headers) ? redirectTo(returnTo) : Response.json({ ended: ended?.count ?? 0 });
  } catch (error) {
    log.error("session.not_ended", { cause: describeError(error) });
    return failedReply(request, databaseFailureCode(error));
  }
}

/** Where the user is told what else to do about a sign-in that was not theirs. */
const notMineAddress = "/account/activity?ended=1";

/** Where the page tells what was ended, out of the registry. */
const endedAddress = "/account/sessions?ended=1";
