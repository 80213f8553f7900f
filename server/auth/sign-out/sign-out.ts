import "server-only";
import { randomBytes } from "node:crypto";
import { parseSignedOutPath } from "@/edge/return-path";
import type { SessionClaims } from "@/edge/session-cookie";
import { chosenLocale } from "../../http/chosen-locale";
import { cookieHeader, readCookies } from "../../http/cookie-jar";
import { errorReply, failedReply } from "../../http/error-reply";
import { readForm } from "../../http/form-body";
import { describeError, log } from "../../http/log";
import { localPart } from "../../http/same-origin";
import { endSessionUrl } from "../../oidc/end-session";
import { getRecentMetadata } from "../../oidc/metadata";
import { withDeadline } from "../../oidc/outbound";
import { stateFrom } from "../../sessions/aliases/ticket";
import { isSessionsFormToken } from "../../sessions/cookies/form-token";
import { sessionClaimsIn, sessionCookies } from "../../sessions/cookies/session-cookies";
import { clearedAtMost, transactionNames } from "../../sessions/cookies/transaction-cookies";
import { refuseForgery } from "../../sessions/guards/guarded-form";
import { isConfirmed } from "../../sessions/guards/step-up";
import { type EndedOwn, endOwnSessions } from "../../sessions/registry/end-own-sessions";
import { sessionPolicy, signedOutPath } from "../../sessions/registry/policy";
import { readSession } from "../../sessions/registry/session-state";
import { env, findProvider } from "../../settings/env";
import { revokeQuietly } from "../../tokens/revoke-grants";
import { wantsClientAnswer } from "../client-answer";
import { startStepUp } from "../sign-in/step-up";
import { outcomePage, redirectWithOutcome, type SignOutScope, signOutScopes } from "./sign-out-outcome";

// The rows are ended before the provider is asked, so the person waits for nothing that matters.
const signOutTimeoutMs = 6000;

/**
 * `POST /api/auth/signout`: the rows end first, then the cookies, then the provider (RP-Initiated Logout 1.0) and the
 * refresh tokens there (RFC 7009). Signing out twice, or without a session, is no fault.
 */
export async function signOut(request: Request): Promise<Response> {
  const form = await readForm(request);
  if (typeof form === "string") return errorReply(request, form);
  const jar = readCookies(request);
  const claims = await sessionClaimsIn(jar);
  // Without a cookie of ours there is nothing that a forged form could end, and a second click is no fault.
  const isOurs = claims === null || (await isSessionsFormToken(form.get("csrfToken"), claims.sid));
  const refusal = await refuseForgery(request, isOurs);
  if (refusal) return refusal;
  const scope = signOutScopes.find((known) => known === (form.get("scope") ?? "device"));
  if (!scope) return errorReply(request, "invalid_request");
  // The provider's address has the ID token in it (RP-Initiated Logout 1.0, section 2), which no script is to read.
  if (scope !== "device" && wantsClientAnswer(request.headers, "signout"))
    return errorReply(request, "invalid_request");

  const returnTo = parseSignedOutPath(form.get("returnTo") ?? localPart(form.get("callbackUrl"), request.headers));
  const confirmed = () => endAndAnswer(request, claims, scope, { confirmed: true, returnTo });
  if (!claims || scope !== "everywhere") return confirmed();
  // It reaches other devices, and so wants what ending one of them does.
  const state = await readSession({ activity: "yes", claims });
  const { recentSignInSeconds: maxAgeSeconds } = sessionPolicy();
  if (state.kind !== "active" || isConfirmed(state.session, { maxAgeSeconds })) return confirmed();
  const asks = { maxAgeSeconds, returnTo: "/sign-out", end: scope };
  return startStepUp(request, state.session, asks, () =>
    endAndAnswer(request, claims, scope, { confirmed: false, returnTo }),
  );
}

/**
 * Ends the rows and answers; for a sign-out that was confirmed at the provider, once the user is back from there.
 *
 * @param options.returnTo where it leads to in the end; null for what `daemun.config.ts` says
 */
export async function endAndAnswer(
  request: Request,
  claims: SessionClaims | null,
  scope: SignOutScope,
  { confirmed, returnTo = null }: { confirmed: boolean; returnTo?: string | null },
): Promise<Response> {
  const jar = readCookies(request);
  let ended: EndedOwn = { count: 0, grants: [], idToken: null };
  if (claims) {
    try {
      ended = await endOwnSessions(claims, scope, { confirmed });
    } catch (error) {
      // Saying "signed out" now would be a lie that somebody at this screen pays for. The cookie stays: try again.
      log.error("sign_out.incomplete", { cause: describeError(error) });
      return failedReply(request, "logout_incomplete");
    }
  }
  const response = await withDeadline(signOutTimeoutMs, () =>
    signOutAtProvider(claims, scope, {
      ...ended,
      locale: chosenLocale(jar),
      headers: request.headers,
      returnTo: returnTo ?? signedOutPath(),
    }),
  );
  const own = await sessionCookies().namesOf((name) => jar.get(name));
  for (const name of [...own, ...transactionNames(jar).slice(0, clearedAtMost)]) {
    response.headers.append("Set-Cookie", cookieHeader(name, "", 0));
  }
  return response;
}

async function signOutAtProvider(
  claims: SessionClaims | null,
  scope: SignOutScope,
  { locale, headers, returnTo, ...ended }: EndedOwn & { locale: string | null; headers: Headers; returnTo: string },
): Promise<Response> {
  const provider = findProvider(claims?.provider);
  const named = { providerId: provider?.id ?? null, providerName: provider?.name ?? null };
  const base = { scope, ...named, endedCount: ended.count };
  const revoked = revokeQuietly(ended.grants);
  // What was asked for and could not be ended is told first, wherever the sign-out was to lead.
  if (!provider || scope === "device") {
    const address = scope === "device" ? returnTo : outcomePage;
    return redirectWithOutcome({ ...base, provider: "not_asked", state: null, tokensLeft: await revoked }, address);
  }
  try {
    // Asked again: sending somebody to a provider that is down would leave them on a browser's error page.
    const metadata = await getRecentMetadata(provider, { timeoutMs: 2500 });
    const state = await stateFrom(headers, "sign-out", randomBytes(16).toString("base64url"));
    const postLogoutRedirectUri = env().authUrl + outcomePage;
    const asked = { idToken: ended.idToken, postLogoutRedirectUri, state, locale };
    const url = endSessionUrl(provider, metadata, asked);
    const tokensLeft = await revoked;
    if (!url) return redirectWithOutcome({ ...base, provider: "unsupported", state: null, tokensLeft });
    const next = returnTo === outcomePage ? null : returnTo;
    return redirectWithOutcome({ ...base, provider: "unconfirmed", state, tokensLeft, returnTo: next }, url.href);
  } catch (error) {
    log.warn("sign_out.provider_unreachable", { provider: provider.id, cause: describeError(error) });
    return redirectWithOutcome({ ...base, provider: "unreachable", state: null, tokensLeft: await revoked });
  }
}
