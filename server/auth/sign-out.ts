import "server-only";
import { randomBytes } from "node:crypto";
import type { SessionClaims } from "@/edge/session-cookie";
import { auditAtOnce, audited } from "../audit/audit";
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
import { expireLapsed } from "../sessions/expire-session";
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

  let ended: SignedOut = { count: 0, grants: [], idToken: null };
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

interface SignedOut extends Pick<EndedSessions, "count" | "grants"> {
  /** This session's own ID token, to tell the provider who is leaving. */
  idToken: string | null;
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

function endRows(claims: SessionClaims, scope: SignOutScope): Promise<SignedOut> {
  const now = new Date();
  return audited(async (tx, audit) => {
    // A cookie outlives its session. Only a live one speaks for its person: a stolen, dead one must not end others, nor
    // be handed an ID token.
    const own = await tx.session.findFirst({
      where: {
        sessionToken: claims.sid,
        userId: claims.sub,
        endedAt: null,
        expires: { gt: now },
        idleExpiresAt: { gt: now },
      },
      select: { id: true },
    });
    const isThisOne = own === null || scope !== "everywhere";
    const which = { userId: claims.sub, ...(isThisOne && { sessionToken: claims.sid }) };
    const lapsed = await expireLapsed(tx, audit, which, now);
    if (!own) return { count: 0, grants: lapsed.grants, idToken: null };
    const ended = await endSessions(tx, which, { reason: "signed_out", by: "self", now });
    const who = { userId: claims.sub, sid: claims.sid, provider: claims.provider };
    await audit({ ...who, event: "sign_out", outcome: "success", detail: { scope, count: ended.count } });
    const grants = [...lapsed.grants, ...ended.grants];
    return { ...ended, grants, idToken: ended.grants.find(({ sessionId }) => sessionId === own.id)?.idToken ?? null };
  });
}

async function leave(claims: SessionClaims | null, scope: SignOutScope, ended: SignedOut): Promise<Response> {
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
