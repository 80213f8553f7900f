import "server-only";
import { requestedHost } from "@/edge/public-address";
import { type AuditEntry, auditAtOnce } from "../../audit/audit";
import { readCookies } from "../../http/cookie-jar";
import { errorReply, failedReply } from "../../http/error-reply";
import { readForm } from "../../http/form-body";
import { isSameOrigin } from "../../http/same-origin";
import { isFromOtherAddress, noteAddress, noteBlockedCookies } from "../../http/wrong-address";
import { isSessionsFormToken } from "../cookies/form-token";
import { sessionClaimsIn } from "../cookies/session-cookies";
import type { ActiveSession } from "../registry/active-session";
import { readSession } from "../registry/session-state";
import { askedBy } from "./denial";

/** A form that acts on a session, sent by a page of ours in this very session. */
export interface SessionForm {
  form: ReadonlyMap<string, string>;
  session: ActiveSession;
}

/**
 * What every form that acts on a session passes first: it is small and says each field once, the session lives, and the
 * form came from our own page in it. Counts as activity. What does not pass is answered, and a forgery written down.
 */
export async function readSessionForm(request: Request): Promise<SessionForm | Response> {
  const form = await readForm(request);
  if (typeof form === "string") return errorReply(request, form);
  const state = await readSession({ activity: "yes" });
  if (state.kind === "unavailable") return failedReply(request, state.code);
  if (state.kind !== "active") return errorReply(request, state.code);
  const { session } = state;
  const claims = await sessionClaimsIn(readCookies(request));
  const isOurs = claims !== null && (await isSessionsFormToken(form.get("csrfToken"), claims.sid));
  return (await refuseForgery(request, isOurs, askedBy(session, new URL(request.url).pathname))) ?? { form, session };
}

/**
 * The refusal of a form that no page of ours sent, written down; null for one that a page of ours did.
 *
 * @param isOurs whether its form token fits what it is bound to
 * @param who what the audit row says of whose name it came in
 * @param otherwise why it is refused, unless the page was opened by another address than the app's
 */
export async function refuseForgery(
  request: Request,
  isOurs: boolean,
  who: Pick<AuditEntry, "provider"> | ReturnType<typeof askedBy> = {},
  otherwise: "csrf_rejected" | "cookies_blocked" = "csrf_rejected",
): Promise<Response | null> {
  if (isOurs && isSameOrigin(request.headers)) return null;
  const reason = isFromOtherAddress(request.headers) ? "wrong_address" : otherwise;
  if (reason === "wrong_address") noteAddress(requestedHost(request.headers), true);
  if (reason === "cookies_blocked") noteBlockedCookies();
  await auditAtOnce({ ...who, event: "csrf.rejected", outcome: "failure", reason });
  return errorReply(request, reason);
}
