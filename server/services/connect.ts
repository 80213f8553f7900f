import "server-only";
import * as openid from "openid-client";
import type { ErrorCode } from "@/edge/error-codes";
import { isNavigation } from "@/edge/request-kind";
import { parseReturnPath } from "@/edge/return-path";
import { type AuditEntry, auditAtOnce } from "../audit/audit";
import { isDatabaseUnavailable } from "../db/unavailable";
import { env } from "../env";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorReply, failedReply, redirectTo } from "../http/error-reply";
import { readForm } from "../http/form-body";
import { describeError, log } from "../http/log";
import { isSameOrigin } from "../http/same-origin";
import { OidcError } from "../oidc/errors";
import { getMetadata } from "../oidc/metadata";
import { auditForgery } from "../sessions/denial";
import { isSessionsFormToken } from "../sessions/form-token";
import { readSessionClaims, sessionCookies } from "../sessions/session-cookies";
import { type ActiveSession, rollSessionState } from "../sessions/session-state";
import { connectCookieName, connectSeconds, hashState, sealConnect } from "./connect-transaction";
import { disconnect, listConnections } from "./connections";
import { ServiceError } from "./errors";
import { openidClientFor } from "./openid-client";
import { findService } from "./registry";
import { type ConnectableService, isConnectable, providerOf } from "./service-provider";

/**
 * `POST /api/connect/[service]`: sends the person to the service to let this house call it for them. With `scopes=more` the
 * optional ones are asked for too; what was granted before always is. Source: RFC 6749, section 4.1; RFC 7636.
 */
export async function startConnecting(request: Request, serviceId: string): Promise<Response> {
  const asked = await readAsked(request, serviceId);
  if (asked instanceof Response) return asked;
  const { session, service, form } = asked;
  const provider = providerOf(service);
  try {
    const metadata = await getMetadata(provider);
    const client = openidClientFor(provider, metadata);
    const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()];
    const scope = await scopeFor(session, service, form.get("scopes") === "more");
    const location = openid.buildAuthorizationUrl(client, {
      redirect_uri: callbackOf(service.id),
      scope,
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...(!provider.endpoints && { nonce }),
    });
    const stateHash = hashState(state);
    const returnTo = parseReturnPath(form.get("returnTo") ?? "/account/connections");
    const sealed = await sealConnect({
      service: service.id,
      sessionId: session.id,
      stateHash,
      verifier,
      nonce,
      scope,
      returnTo,
    });
    const headers = new Headers({ Location: location.href, "Cache-Control": "private, no-store" });
    headers.append("Set-Cookie", cookieHeader(connectCookieName(stateHash), sealed, connectSeconds));
    return new Response(null, { status: 302, headers });
  } catch (error) {
    return cannotConnect(request, { session, service }, error);
  }
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

interface Asked {
  session: ActiveSession;
  service: ConnectableService;
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
async function scopeFor(session: ActiveSession, service: ConnectableService, more: boolean): Promise<string> {
  const { scopes, optionalScopes = [] } = service.authentication;
  const connection = (await listConnections(session.user.id)).find((one) => one.service === service.id);
  const granted = (connection?.scopes ?? []).filter((scope) => [...scopes, ...optionalScopes].includes(scope));
  return [...new Set([...scopes, ...granted, ...(more ? optionalScopes : [])])].join(" ");
}

/** Where a service sends people back to. */
export function callbackOf(serviceId: string): string {
  return `${env().authUrl}/api/connect/${serviceId}/callback`;
}

/** Says why a service could not be connected, to the person and in their trail. */
export async function cannotConnect(
  request: Request,
  { session, service }: { session: ActiveSession; service: ConnectableService },
  error: unknown,
): Promise<Response> {
  const { code, cause } = faultOf(error);
  const entry: AuditEntry = {
    event: "service.denied",
    outcome: "failure",
    reason: code,
    userId: session.user.id,
    sessionHash: session.hash,
    provider: providerOf(service).id,
    issuer: providerOf(service).issuer,
    detail: { service: service.id, cause },
  };
  await auditAtOnce(entry);
  return errorReply(request, code);
}

function faultOf(error: unknown): { code: ErrorCode; cause: string } {
  // What our own fetch throws comes wrapped where `openid-client` called it.
  for (const known of [error, error instanceof Error ? error.cause : null]) {
    if (known instanceof OidcError || known instanceof ServiceError) return { code: known.code, cause: known.detail };
  }
  if (error instanceof openid.ResponseBodyError) return { code: "provider_error", cause: wordOf(error.error) };
  if (error instanceof openid.ClientError) return { code: "invalid_response", cause: wordOf(error.code ?? "") };
  log.error("connection.fault", { cause: describeError(error) });
  return { code: isDatabaseUnavailable(error) ? "database_unavailable" : "internal_error", cause: "exception" };
}

function wordOf(text: string): string {
  return /^[A-Za-z_]{1,60}$/.test(text) ? text.toLowerCase() : "unnamed_error";
}
