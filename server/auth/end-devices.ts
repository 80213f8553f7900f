import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { auditAtOnce, audited } from "../audit/audit";
import { isDatabaseUnavailable } from "../db/unavailable";
import { afterResponse } from "../http/after-response";
import { readCookies } from "../http/cookie-jar";
import { errorReply, failedReply, redirectTo } from "../http/error-reply";
import { readForm } from "../http/form-body";
import { describeError, log } from "../http/log";
import { isSameOrigin } from "../http/same-origin";
import { endChosen, parseChosen } from "../sessions/end-chosen";
import { isSessionsFormToken } from "../sessions/form-token";
import { sessionPolicy } from "../sessions/policy";
import { readSessionClaims, sessionCookies } from "../sessions/session-cookies";
import { rollSessionState } from "../sessions/session-state";
import { isConfirmed } from "../sessions/step-up";
import { revokeQuietly } from "../tokens/revoke-grants";
import { startStepUp } from "./step-up";

/**
 * `POST /api/account/sessions/end`: ends one other session of this person (`session`, its public id), or all others
 * (`which=others`). A sign-in that is not recent is confirmed at the provider first; coming back from there does what
 * was asked for. An unknown, a foreign and an ended session are answered alike.
 */
export async function endDevices(request: Request): Promise<Response> {
  const form = await readForm(request);
  if (typeof form === "string") return errorReply(request, form);
  const state = await rollSessionState();
  if (state.kind === "unavailable") return failedReply(request, "database_unavailable");
  if (state.kind !== "active") return errorReply(request, state.kind === "ended" ? state.code : "not_authenticated");
  const { session } = state;
  const claims = await readSessionClaims(readCookies(request).get(sessionCookies().name));
  const isOurs = claims !== null && (await isSessionsFormToken(form.get("csrfToken"), claims.sid));
  if (!isSameOrigin(request.headers) || !isOurs) {
    await auditAtOnce({ event: "csrf.rejected", outcome: "failure", reason: "csrf_rejected", userId: session.user.id });
    return errorReply(request, "csrf_rejected");
  }
  const asked = form.get("which") ?? form.get("session");
  if (!asked || (form.has("which") && (form.has("session") || asked !== "others"))) {
    return errorReply(request, "invalid_request");
  }
  const chosen = parseChosen(asked);
  const { recentSignInSeconds: maxAgeSeconds } = sessionPolicy();
  if (!isConfirmed(session, { maxAgeSeconds })) {
    return startStepUp(request, session, { maxAgeSeconds, returnTo: endedAddress, end: chosen && asked });
  }
  try {
    const ended = chosen
      ? await audited((tx, audit) => endChosen(tx, audit, { userId: session.user.id, current: session.id, chosen }))
      : null;
    afterResponse(() => revokeQuietly(ended?.grants ?? []));
    return isNavigation(request.headers) ? redirectTo(endedAddress) : Response.json({ ended: ended?.count ?? 0 });
  } catch (error) {
    log.error("session.not_ended", { cause: describeError(error) });
    return failedReply(request, isDatabaseUnavailable(error) ? "database_unavailable" : "internal_error");
  }
}

/** Where the page tells what was ended, out of the registry. */
const endedAddress = "/account/sessions?ended=1";
