import "server-only";
import { isNavigation, isPrefetch } from "@/edge/request-kind";
import { auditAtOnce } from "../../audit/audit";
import { readCookies } from "../../http/cookie-jar";
import { errorJson, errorReply, redirectTo } from "../../http/error-reply";
import { uniqueParameters } from "../../http/form-body";
import { getRecentMetadata } from "../../oidc/metadata";
import { parseStepUpRequest, type StepUp } from "../../sessions/guards/step-up";
import type { ActiveSession } from "../../sessions/registry/active-session";
import { isOrderedContext, satisfyingContexts } from "../../sessions/registry/policy";
import { noteConfirmationAsked } from "../../sessions/registry/refused-refresh";
import { readSession } from "../../sessions/registry/session-state";
import { findProvider } from "../../settings/env";
import { auditFailedSignIn, faultOf } from "./failed-sign-in";
import { redirectToProvider } from "./redirect-to-provider";

/** `GET /api/session/step-up`: where `requireSession({ maxAgeSeconds, acr })` sends a browser, to be sent on to the provider. */
export async function stepUp(request: Request): Promise<Response> {
  // What fetches, or fetches ahead, is told no more than that a person is needed, and is none.
  const byUser = isNavigation(request.headers) && !isPrefetch(request.headers);
  const state = await readSession({ activity: byUser ? "yes" : "no" });
  if (state.kind !== "active") return errorReply(request, state.code);
  // Fetched ahead, or by a script, it begins nothing.
  if (!byUser) return errorJson("step_up_required");
  const query = uniqueParameters(new URL(request.url).searchParams);
  const asked = await parseStepUpRequest(query?.get("request"));
  if (!asked) return errorReply(request, "invalid_request");
  // Another tab has signed in meanwhile. The page asks again if that was not enough for it.
  if (asked.session !== state.session.id) return redirectTo(asked.returnTo);
  // Once: whoever is not let through there, or is there while the provider is down, goes on without roles.
  if (asked.isConfirmation && byUser) await noteConfirmationAsked(asked.session);
  return startStepUp(request, state.session, { ...asked, end: null });
}

/**
 * Sends the person of a session to its provider with `max_age` and `acr_values`. Only that person can come back, and
 * what comes back is a new session in place of this one.
 *
 * @param asked what to do with it: where to return to, and what to end once it is known to be them
 * @param unconfirmed answers in place of an error where the provider cannot be asked: for what ends the user's own sessions
 * Source: OpenID Connect Core 1.0, section 3.1.2.1; the idea of asking again is RFC 9470's.
 */
export async function startStepUp(
  request: Request,
  session: ActiveSession,
  { maxAgeSeconds, acr, returnTo, end }: StepUp & { returnTo: string; end: string | null },
  unconfirmed?: () => Promise<Response>,
): Promise<Response> {
  const isFetch = !isNavigation(request.headers);
  if (isFetch && !unconfirmed) return errorJson("step_up_required");
  const provider = findProvider(session.provider);
  if (!provider) return unconfirmed ? unconfirmed() : errorReply(request, "unknown_provider");
  // OAuth 2.0 has no words to ask for that, and none to say that it was done.
  if (provider.oauth2) return unconfirmed ? unconfirmed() : errorReply(request, "step_up_required");
  const parameters = new Map<string, string>();
  if (maxAgeSeconds !== undefined) parameters.set("max_age", String(maxAgeSeconds));
  const contexts = contextsFor(session, acr);
  if (contexts !== "") parameters.set("acr_values", contexts);
  const hint = loginHintOf(session);
  if (hint !== undefined) parameters.set("login_hint", hint);
  try {
    const metadata = await getRecentMetadata(provider);
    if (isFetch) return errorJson("step_up_required");
    const response = await redirectToProvider(provider, metadata, {
      parameters,
      jar: readCookies(request),
      headers: request.headers,
      returnTo,
      remember: session.rememberMe,
      fresh: false,
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
    // To end sessions must not depend on a provider that is away: LO-05.
    if (unconfirmed && /^provider_(?:unavailable|timeout|misconfigured)$/.test(failure.code)) return unconfirmed();
    return errorReply(request, failure.code);
  }
}

/** The contexts to ask for, the session's own first where it is enough: nobody comes back with a weaker one than before. */
function contextsFor({ provider, acr: held }: ActiveSession, asked: string | undefined): string {
  const enough = asked === undefined ? [] : satisfyingContexts(provider, asked);
  // Of a context that configuration does not order nobody knows whether it is worth keeping.
  const isKept = held !== null && (enough.includes(held) || (asked === undefined && isOrderedContext(provider, held)));
  return [...new Set([...(isKept ? [held] : []), ...enough])].join(" ");
}

/** How the provider is likely to know the user, so that nobody types it again. Nothing is decided by it. */
function loginHintOf({ claims, user }: ActiveSession): string | undefined {
  // The first is what Entra gives for this very purpose.
  const hints = [claims.login_hint, claims.email, user.email, claims.preferred_username, claims.username];
  return hints.find((hint): hint is string => typeof hint === "string" && /^[^\p{Cc}]{1,320}$/u.test(hint));
}
