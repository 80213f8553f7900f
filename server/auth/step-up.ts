import "server-only";
import { isNavigation, isPrefetch } from "@/edge/request-kind";
import { auditAtOnce } from "../audit/audit";
import { env } from "../env";
import { readCookies } from "../http/cookie-jar";
import { errorJson, errorReply, redirectTo } from "../http/error-reply";
import { uniqueParameters } from "../http/form-body";
import { fetchMetadata } from "../oidc/metadata";
import { type ActiveSession, peekSessionState, rollSessionState } from "../sessions/session-state";
import { parseStepUpRequest, type StepUp } from "../sessions/step-up";
import { auditFailedSignIn, faultOf } from "./failed-sign-in";
import { leaveForProvider } from "./leave-for-provider";

/** `GET /api/session/step-up`: where `requireSession({ maxAgeSeconds, acr })` sends a browser, to be sent on to the provider. */
export async function stepUp(request: Request): Promise<Response> {
  // What fetches, or fetches ahead, is told no more than that a person is needed, and is none.
  const isPersons = isNavigation(request.headers) && !isPrefetch(request.headers);
  const state = await (isPersons ? rollSessionState() : peekSessionState());
  if (state.kind === "unavailable") return errorReply(request, "database_unavailable");
  if (state.kind !== "active") return errorReply(request, state.kind === "ended" ? state.code : "not_authenticated");
  const query = uniqueParameters(new URL(request.url).searchParams);
  const asked = await parseStepUpRequest(query?.get("request"));
  if (!asked) return errorReply(request, "invalid_request");
  // Another tab has signed in meanwhile. The page asks again if that was not enough for it.
  if (asked.session !== state.session.id) return redirectTo(asked.returnTo);
  return startStepUp(request, state.session, { ...asked, end: null });
}

/**
 * Sends the person of a session to its provider with `max_age` and `acr_values`. Only that person can come back, and
 * what comes back is a new session in place of this one.
 *
 * @param asked what to do with it: where to return to, and what to end once it is known to be them
 * Source: OpenID Connect Core 1.0, section 3.1.2.1; the idea of asking again is RFC 9470's.
 */
export async function startStepUp(
  request: Request,
  session: ActiveSession,
  { maxAgeSeconds, acr, returnTo, end }: StepUp & { returnTo: string; end: string | null },
): Promise<Response> {
  if (!isNavigation(request.headers)) return errorJson("step_up_required");
  const provider = env().providers.find(({ id }) => id === session.provider);
  if (!provider) return errorReply(request, "unknown_provider");
  const parameters = new Map<string, string>();
  if (maxAgeSeconds !== undefined) parameters.set("max_age", String(maxAgeSeconds));
  if (acr !== undefined) parameters.set("acr_values", acr);
  try {
    const response = await leaveForProvider(provider, await fetchMetadata(provider), {
      parameters,
      jar: readCookies(request),
      returnTo,
      remember: session.rememberMe,
      stepUp: { subject: session.subject, maxAgeSeconds: maxAgeSeconds ?? null, acr: acr ?? null, end },
    });
    await auditAtOnce({
      event: "sign_in.started",
      outcome: "success",
      reason: "step_up_required",
      userId: session.user.id,
      provider: provider.id,
      issuer: provider.issuer,
      detail: { refused: [] },
    });
    return response;
  } catch (error) {
    const failure = faultOf(error);
    await auditFailedSignIn(provider, failure);
    return errorReply(request, failure.code);
  }
}
