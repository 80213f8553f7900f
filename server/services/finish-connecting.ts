import "server-only";
import * as openid from "openid-client";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorReply, redirectTo } from "../http/error-reply";
import { uniqueParameters } from "../http/form-body";
import { type AnswerFailure, parseAuthorizationAnswer } from "../oidc/authorization-answer";
import { verifyIdToken } from "../oidc/id-token";
import { getMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import { rollSessionState } from "../sessions/session-state";
import { spendState } from "../sessions/spent-state";
import type { TokenSet } from "../tokens/store";
import { callbackOf, cannotConnect } from "./connect";
import { type ConnectTransaction, connectCookieName, connectSeconds, readConnect } from "./connect-transaction";
import { depositConnection } from "./connections";
import { ServiceError } from "./errors";
import { openidClientFor } from "./openid-client";
import { findService } from "./registry";
import { type ConnectableService, isConnectable, providerOf } from "./service-provider";

// Keys and token endpoint together: the person is waiting.
const patienceMs = 9_000;

/**
 * `GET /api/connect/[service]/callback`: exchanges the code, and keeps what comes as the person's connection. Only the
 * session that began it can end it, once.
 */
export async function finishConnecting(request: Request, serviceId: string): Promise<Response> {
  const parameters = uniqueParameters(new URL(request.url).searchParams);
  const state = parameters?.get("state");
  const transaction = state && state.length <= 2048 ? await readConnect(readCookies(request), state) : null;
  const response = await answer(request, serviceId, parameters, transaction);
  if (transaction) {
    response.headers.append("Set-Cookie", cookieHeader(connectCookieName(transaction.stateHash), "", 0));
  }
  return response;
}

async function answer(
  request: Request,
  serviceId: string,
  parameters: ReadonlyMap<string, string> | null,
  transaction: ConnectTransaction | null,
): Promise<Response> {
  const current = await rollSessionState();
  if (current.kind === "unavailable") return errorReply(request, "database_unavailable");
  if (current.kind !== "active")
    return errorReply(request, current.kind === "ended" ? current.code : "not_authenticated");
  const { session } = current;
  const service = findService(serviceId);
  if (!service || !isConnectable(service)) return errorReply(request, "unknown_service");
  const who = { session, service };
  try {
    if (!parameters) throw new ServiceError("invalid_request", { detail: "repeated_parameter" });
    if (transaction?.service !== serviceId || transaction.sessionId !== session.id) throw stateMismatch();
    const said = parseAuthorizationAnswer(parameters);
    if (said.kind === "failure") throw asError(said.failure);
    if (!(await spendState(transaction.stateHash, connectSeconds))) throw stateMismatch();
    if (said.kind === "error") throw asError(said.failure);
    const tokens = await withDeadline(patienceMs, () => exchange(request, service, transaction, said.state));
    await depositConnection(session, service, tokens);
    return redirectTo(transaction.returnTo);
  } catch (error) {
    return cannotConnect(request, who, error);
  }
}

function stateMismatch(): ServiceError {
  return new ServiceError("state_mismatch", { detail: "unknown_state" });
}

function asError({ code, cause }: AnswerFailure): ServiceError {
  return new ServiceError(code, { detail: cause });
}

// A service that does not say how long is asked again soon; one that promises more than a day can change its mind earlier.
const unsaidSeconds = 300;
const longestSeconds = 86_400;

/** The code exchange, by `openid-client`; an ID token is verified as at a sign-in, and names whom the connection is of. */
async function exchange(
  request: Request,
  service: ConnectableService,
  { verifier, nonce, scope }: ConnectTransaction,
  state: string,
): Promise<TokenSet & { subject: string | null }> {
  const provider = providerOf(service);
  const metadata = await getMetadata(provider);
  const usesOpenId = !provider.endpoints && scope.split(" ").includes("openid");
  const address = new URL(callbackOf(service.id));
  address.search = new URL(request.url).search;
  const askedAt = Date.now();
  const tokens = await openid.authorizationCodeGrant(openidClientFor(provider, metadata), address, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    ...(usesOpenId && { expectedNonce: nonce, idTokenExpected: true }),
  });
  const { access_token: accessToken, id_token: idToken } = tokens;
  const claims =
    usesOpenId && idToken !== undefined
      ? await verifyIdToken(idToken, provider, metadata, { nonce, accessToken })
      : null;
  const seconds = Math.min(Math.max(tokens.expires_in ?? unsaidSeconds, 1), longestSeconds);
  return {
    accessToken,
    expiresAt: new Date(askedAt + seconds * 1000),
    scope: tokens.scope ?? scope,
    refreshToken: tokens.refresh_token ?? null,
    idToken: claims && idToken ? idToken : null,
    subject: claims?.sub ?? null,
  };
}
