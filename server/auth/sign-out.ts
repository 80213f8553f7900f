import "server-only";
import { randomBytes } from "node:crypto";
import type { SessionClaims } from "@/edge/session-cookie";
import { auditAtOnce } from "../audit/audit";
import { env } from "../env";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorReply, failedReply, redirectTo } from "../http/error-reply";
import { readForm } from "../http/form-body";
import { describeError, log } from "../http/log";
import { isSameOrigin } from "../http/same-origin";
import { endSessionUrl } from "../oidc/end-session";
import { fetchMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import { type EndedOwn, endOwnSessions } from "../sessions/end-own-sessions";
import { isSessionsFormToken } from "../sessions/form-token";
import { readSessionClaims, sessionCookies } from "../sessions/session-cookies";
import { revokeQuietly } from "../tokens/revoke-grants";
import { outcomeCookieName, type SignOutScope, sealOutcome, signOutScopes } from "./sign-out-outcome";

// The rows are ended before the provider is asked, so the person waits for nothing that matters.
const patienceMs = 6000;

/**
 * `POST /api/auth/signout`: the rows end first, then the cookies, then the provider (RP-Initiated Logout 1.0) and the
 * refresh tokens there (RFC 7009). Signing out twice, or without a session, is no fault.
 */
export async function signOut(request: Request): Promise<Response> {
  const form = await readForm(request);
  if (typeof form === "string") return errorReply(request, form);
  const jar = readCookies(request);
  const claims = await readSessionClaims(jar.get(sessionCookies().name));
  // Without a cookie of ours there is nothing that a forged form could end, and a second click is no fault.
  const isOurs = claims === null || (await isSessionsFormToken(form.get("csrfToken"), claims.sid));
  if (!isSameOrigin(request.headers) || !isOurs) {
    await auditAtOnce({ event: "csrf.rejected", outcome: "failure", reason: "csrf_rejected" });
    return errorReply(request, "csrf_rejected");
  }
  const scope = signOutScopes.find((known) => known === (form.get("scope") ?? "device"));
  if (!scope) return errorReply(request, "invalid_request");

  let ended: EndedOwn = { count: 0, grants: [], idToken: null };
  if (claims) {
    try {
      ended = await endOwnSessions(claims, scope);
    } catch (error) {
      // Saying "signed out" now would be a lie that somebody at this screen pays for. The cookie stays: try again.
      log.error("sign_out.incomplete", { cause: describeError(error) });
      return failedReply(request, "logout_incomplete");
    }
  }
  const response = await withDeadline(patienceMs, () => leave(claims, scope, ended));
  response.headers.append("Set-Cookie", cookieHeader(sessionCookies().name, "", 0));
  for (const name of jar.keys()) {
    if (/^(?:__Host-)?daemun\.tx\./.test(name)) response.headers.append("Set-Cookie", cookieHeader(name, "", 0));
  }
  response.headers.set("Clear-Site-Data", '"cache"');
  return response;
}

async function leave(claims: SessionClaims | null, scope: SignOutScope, ended: EndedOwn): Promise<Response> {
  const provider = env().providers.find(({ id }) => id === claims?.provider);
  const base = { scope, providerName: provider?.name ?? null, endedCount: ended.count };
  const revoked = revokeQuietly(ended.grants);
  if (!provider || scope === "device") {
    return land({ ...base, provider: "not_asked", state: null, tokensLeft: await revoked });
  }
  try {
    // Asked anew: sending somebody to a provider that is down would leave them on a browser's error page.
    const metadata = await fetchMetadata(provider, { timeoutMs: 2500 });
    const state = randomBytes(16).toString("base64url");
    const postLogoutRedirectUri = `${env().authUrl}/signed-out`;
    const url = endSessionUrl(provider, metadata, { idToken: ended.idToken, postLogoutRedirectUri, state });
    const tokensLeft = await revoked;
    if (!url) return land({ ...base, provider: "unsupported", state: null, tokensLeft });
    return land({ ...base, provider: "unconfirmed", state, tokensLeft }, url.href);
  } catch (error) {
    log.warn("sign_out.provider_unreachable", { provider: provider.id, cause: describeError(error) });
    return land({ ...base, provider: "unreachable", state: null, tokensLeft: await revoked });
  }
}

async function land(outcome: Parameters<typeof sealOutcome>[0], address = "/signed-out"): Promise<Response> {
  const response = redirectTo(address);
  const { value, maxAge } = await sealOutcome(outcome);
  response.headers.append("Set-Cookie", cookieHeader(outcomeCookieName(), value, maxAge));
  return response;
}
