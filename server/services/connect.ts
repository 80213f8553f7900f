import "server-only";
import * as openid from "openid-client";
import { isNavigation } from "@/edge/request-kind";
import { parseReturnPath } from "@/edge/return-path";
import { isDatabaseUnavailable } from "../db/unavailable";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorReply, failedReply, redirectTo } from "../http/error-reply";
import { readForm } from "../http/form-body";
import { describeError, log } from "../http/log";
import { isSameOrigin } from "../http/same-origin";
import { fetchMetadata, getMetadata } from "../oidc/metadata";
import { auditForgery } from "../sessions/denial";
import { isSessionsFormToken } from "../sessions/form-token";
import { readSessionClaims, sessionCookies } from "../sessions/session-cookies";
import { rollSessionState } from "../sessions/session-state";
import {
  hashState,
  surplusTransactions,
  transactionCookieName,
  transactionSeconds,
} from "../sessions/transaction-cookies";
import { type Connecting, cannotConnect } from "./connect-failure";
import { sealConnect } from "./connect-transaction";
import { disconnect, getGrantedScopes } from "./connections";
import { openidClientFor } from "./openid-client";
import { findService } from "./registry";
import { callbackOf, isConnectable, providerOf } from "./service-provider";

/**
 * `POST /api/connect/[service]`: sends the person to the service to let this house call it for them. With `scopes=more` the
 * optional ones are asked for too; what was granted before always is. Source: RFC 6749, section 4.1; RFC 7636.
 */
export async function startConnecting(request: Request, serviceId: string): Promise<Response> {
  const asked = await readAsked(request, serviceId);
  if (asked instanceof Response) return asked;
  try {
    return await leaveForService(request, asked);
  } catch (error) {
    return cannotConnect(request, asked, error);
  }
}

async function leaveForService(request: Request, asked: Asked): Promise<Response> {
  const { session, service, form } = asked;
  const provider = providerOf(service);
  // Fetched now: nobody is to be sent to a service that is not there.
  const metadata = provider.endpoints ? await getMetadata(provider) : await fetchMetadata(provider);
  const scope = await scopeFor(asked, form.get("scopes") === "more");
  const wantsIdToken = !provider.endpoints && scope.split(" ").includes("openid");
  const [verifier, state] = [openid.randomPKCECodeVerifier(), openid.randomState()];
  const nonce = wantsIdToken ? openid.randomNonce() : null;
  const location = openid.buildAuthorizationUrl(openidClientFor(provider, metadata, { wantsIdToken }), {
    ...provider.authorizationParams,
    redirect_uri: callbackOf(service.id),
    scope,
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...(nonce !== null && { nonce }),
  });
  const stateHash = hashState(state);
  const sealed = await sealConnect({
    service: service.id,
    sessionId: session.id,
    stateHash,
    verifier,
    nonce,
    scope,
    returnTo: parseReturnPath(form.get("returnTo") ?? "/account/connections"),
    startedAt: Date.now() / 1000,
  });
  const name = transactionCookieName("connect", stateHash);
  const headers = new Headers({ Location: location.href, "Cache-Control": "private, no-store" });
  for (const surplus of await surplusTransactions(readCookies(request), name.length + sealed.length)) {
    headers.append("Set-Cookie", cookieHeader(surplus, "", 0));
  }
  headers.append("Set-Cookie", cookieHeader(name, sealed, transactionSeconds));
  return new Response(null, { status: 302, headers });
}

/** `POST /api/connect/[service]/disconnect`: ends the connection, here and at the service. Nothing to end is no fault. */
export async function endConnecting(request: Request, serviceId: string): Promise<Response> {
  const asked = await readAsked(request, serviceId);
  if (asked instanceof Response) return asked;
  try {
    await disconnect(asked.session, asked.service);
    return isNavigation(request.headers) ? redirectTo("/account/connections") : new Response(null, { status: 204 });
  } catch (error) {
    log.error("connection.not_ended", { cause: describeError(error) });
    return failedReply(request, isDatabaseUnavailable(error) ? "database_unavailable" : "internal_error");
  }
}

interface Asked extends Connecting {
  form: ReadonlyMap<string, string>;
}

async function readAsked(request: Request, serviceId: string): Promise<Asked | Response> {
  const form = await readForm(request);
  if (typeof form === "string") return errorReply(request, form);
  const state = await rollSessionState();
  if (state.kind === "unavailable") return failedReply(request, "database_unavailable");
  if (state.kind !== "active") return errorReply(request, state.kind === "ended" ? state.code : "not_authenticated");
  const { session } = state;
  const claims = await readSessionClaims(readCookies(request).get(sessionCookies().name));
  const isOurs = claims !== null && (await isSessionsFormToken(form.get("csrfToken"), claims.sid));
  if (!isSameOrigin(request.headers) || !isOurs) {
    await auditForgery(session, new URL(request.url).pathname);
    return errorReply(request, "csrf_rejected");
  }
  const service = findService(serviceId);
  if (!service || !isConnectable(service)) return errorReply(request, "unknown_service");
  return { session, service, form };
}

/** What is asked for: the service's own scopes, those that were granted before, and more where the person wants it. */
async function scopeFor({ session, service }: Connecting, more: boolean): Promise<string> {
  const { scopes, optionalScopes = [] } = service.authentication;
  const granted = (await getGrantedScopes(session, service)).filter((scope) => optionalScopes.includes(scope));
  return [...new Set([...scopes, ...granted, ...(more ? optionalScopes : [])])].join(" ");
}
