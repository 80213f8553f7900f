import "server-only";
import { randomBytes } from "node:crypto";
import type { SessionClaims } from "@/edge/session-cookie";
import { audit, auditAtOnce } from "../audit/audit";
import { db } from "../db/client";
import { env } from "../env";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorReply, redirectTo } from "../http/error-reply";
import { readForm } from "../http/form-body";
import { describeError, log } from "../http/log";
import { isSameOrigin } from "../http/same-origin";
import { endSessionUrl } from "../oidc/end-session";
import { fetchMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import { type EndedSessions, endSessions } from "../sessions/end-sessions";
import { isOurFormToken } from "../sessions/form-token";
import { readSessionClaims, sessionCookies } from "../sessions/session-cookies";
import { revokeQuietly } from "./revoke-grants";
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
  if (!isSameOrigin(request.headers) || !(await isAllowed(form.get("csrfToken"), jar, claims))) {
    await auditAtOnce({ event: "csrf.rejected", outcome: "failure", reason: "csrf_rejected" });
    return errorReply(request, "csrf_rejected");
  }
  const scope = signOutScopes.find((known) => known === (form.get("scope") ?? "device"));
  if (!scope) return errorReply(request, "invalid_request");

  let ended: EndedSessions = { count: 0, grants: [] };
  if (claims) {
    try {
      ended = await endRows(claims, scope);
    } catch (error) {
      // Saying "signed out" now would be a lie that somebody at this screen pays for. The cookie stays: try again.
      log.error("sign_out.incomplete", { cause: describeError(error) });
      return incomplete(request);
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

/** Nobody is harmed by a second click: without a live cookie there is nothing that a forged form could end. */
async function isAllowed(token: string | undefined, jar: Map<string, string>, claims: SessionClaims | null) {
  return claims === null || (await isOurFormToken(token, jar, claims.sid));
}

function incomplete(request: Request): Response {
  const response = errorReply(request, "logout_incomplete");
  if (response.status !== 303) return response;
  // A redirect would look like success to whoever only reads the status.
  return new Response(null, {
    status: 503,
    headers: {
      ...Object.fromEntries(response.headers),
      "Retry-After": "5",
      Refresh: `0; url=${response.headers.get("location")}`,
    },
  });
}

function endRows(claims: SessionClaims, scope: SignOutScope): Promise<EndedSessions> {
  const which = scope === "everywhere" ? { userId: claims.sub } : { sessionToken: claims.sid, userId: claims.sub };
  return db.$transaction(async (tx) => {
    const ended = await endSessions(tx, which, { reason: "signed_out", by: "self" });
    const detail = { scope, count: ended.count };
    const who = { userId: claims.sub, sid: claims.sid, provider: claims.provider };
    await audit(tx, { ...who, event: "sign_out", outcome: "success", detail });
    return ended;
  });
}

async function leave(claims: SessionClaims | null, scope: SignOutScope, ended: EndedSessions): Promise<Response> {
  const provider = env().providers.find(({ id }) => id === claims?.provider);
  const base = { scope, providerName: provider?.name ?? null, endedCount: ended.count };
  const revoked = revokeQuietly(ended.grants);
  if (!provider || scope === "device" || ended.count === 0) {
    await revoked;
    return land({ ...base, provider: "not_asked", state: null });
  }
  try {
    // Asked anew: sending somebody to a provider that is down would leave them on a browser's error page.
    const metadata = await fetchMetadata(provider, { timeoutMs: 2500 });
    const state = randomBytes(16).toString("base64url");
    const idToken = ended.grants.find((grant) => grant.provider === provider.id)?.idToken ?? null;
    const postLogoutRedirectUri = `${env().authUrl}/signed-out`;
    const url = endSessionUrl(provider, metadata, { idToken, postLogoutRedirectUri, state });
    await revoked;
    if (!url) return land({ ...base, provider: "unsupported", state: null });
    return land({ ...base, provider: "unconfirmed", state }, url.href);
  } catch (error) {
    log.warn("sign_out.provider_unreachable", { provider: provider.id, cause: describeError(error) });
    await revoked;
    return land({ ...base, provider: "unreachable", state: null });
  }
}

async function land(outcome: Parameters<typeof sealOutcome>[0], address = "/signed-out"): Promise<Response> {
  const response = redirectTo(address);
  const { value, maxAge } = await sealOutcome(outcome);
  response.headers.append("Set-Cookie", cookieHeader(outcomeCookieName(), value, maxAge));
  return response;
}
