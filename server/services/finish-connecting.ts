import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { isNavigation } from "@/edge/request-kind";
import { signInAddress } from "@/edge/return-path";
import { databaseFailureCode } from "../db/unavailable";
import { readCookies } from "../http/cookie-jar";
import { errorJson, errorReply, failedReply, redirectTo } from "../http/error-reply";
import { uniqueParameters } from "../http/form-body";
import { describeError, log } from "../http/log";
import { type AuthorizationAnswer, parseAuthorizationAnswer } from "../oidc/authorization-answer";
import { withDeadline } from "../oidc/outbound";
import { handOn } from "../sessions/aliases/hand-on";
import { callbackTimeoutMs, hashState, isSpent, spendState } from "../sessions/cookies/transaction-cookies";
import { readSession } from "../sessions/registry/session-state";
import { auditDenied, type ConnectFailure, type Connecting, cannotConnect } from "./connect-failure";
import { type ConnectTransaction, connectTransactions } from "./connect-transaction";
import { depositConnection, listConnections } from "./connections";
import { ServiceError } from "./errors";
import { exchangeCode } from "./exchange-code";
import { findService } from "./registry";
import { isConnectable, providerOf } from "./service-provider";

const defaultReturnPath = "/account/connections";

/**
 * `GET /api/connect/[service]/callback`: exchanges the code, and keeps what comes as the person's connection. Only the
 * session that began it can end it, once.
 */
export async function finishConnecting(request: Request, serviceId: string): Promise<Response> {
  const parameters = uniqueParameters(new URL(request.url).searchParams);
  const handedOn = await handOnToAlias(request, serviceId, parameters);
  if (handedOn) return handedOn;
  const transaction = await connectTransactions.read(readCookies(request), parameters?.get("state"));
  const response = await answer(request, serviceId, parameters, transaction);
  // While the database is away it stays, so that the person can try again.
  return transaction && response.status !== 503 ? connectTransactions.drop(response, transaction) : response;
}

/** The answer to a connecting that began at an alias of this address, on its way there; null for one that belongs here. */
async function handOnToAlias(
  request: Request,
  serviceId: string,
  parameters: ReadonlyMap<string, string> | null,
): Promise<Response | null> {
  if (!parameters || parseAuthorizationAnswer(parameters).kind === "failure") return null;
  const path = `/api/connect/${encodeURIComponent(serviceId)}/callback`;
  try {
    const handing = await handOn(request, { use: `connect:${serviceId}`, path, parameters });
    if (handing.kind === "here") return null;
    if (handing.kind === "handed-on") return handing.response;
    log.warn("connection.not_handed_on", { service: serviceId, cause: handing.cause });
    return errorReply(request, "state_mismatch");
  } catch (error) {
    log.error("connection.not_handed_on", { service: serviceId, cause: describeError(error) });
    return errorReply(request, databaseFailureCode(error));
  }
}

async function answer(
  request: Request,
  serviceId: string,
  parameters: ReadonlyMap<string, string> | null,
  transaction: ConnectTransaction | null,
): Promise<Response> {
  const current = await readSession({ activity: "yes" });
  if (current.kind === "unavailable") return failedReply(request, current.code);
  if (current.kind !== "active") return signInFirst(request, current.code, transaction);
  const service = findService(serviceId);
  if (!service || !isConnectable(service)) return errorReply(request, "unknown_service");
  const who = { session: current.session, service };
  try {
    return await connect(request, who, parameters, transaction);
  } catch (error) {
    return cannotConnect(request, who, error);
  }
}

/** Connecting signs nobody in. */
function signInFirst(request: Request, code: ErrorCode, transaction: ConnectTransaction | null): Response {
  if (!isNavigation(request.headers)) return errorJson(code);
  return redirectTo(signInAddress(transaction?.returnTo ?? defaultReturnPath, code));
}

const spent: ConnectFailure = { code: "state_mismatch", cause: "spent_state" };

async function connect(
  request: Request,
  who: Connecting,
  parameters: ReadonlyMap<string, string> | null,
  transaction: ConnectTransaction | null,
): Promise<Response> {
  if (!parameters) throw asError({ code: "invalid_request", cause: "repeated_parameter" });
  const said = parseAuthorizationAnswer(parameters);
  if (said.kind === "failure") throw asError(said.failure);
  if (!transaction && (await isSpent(hashState(said.state)))) return redirectBack(who, defaultReturnPath);
  if (!isTheirs(transaction, who)) throw asError({ code: "state_mismatch", cause: "unknown_state" });
  checkIssuer(said, who);
  const { returnTo } = transaction;
  if (!(await spendState(transaction))) return redirectBack(who, returnTo);
  if (said.kind === "error") {
    if (said.failure.code !== "sign_in_cancelled") throw asError(said.failure);
    // They know it: it was they who said no.
    await auditDenied(who, said.failure);
    return redirectTo(returnTo);
  }
  const search = new URL(request.url).searchParams;
  const { state } = said;
  const tokens = await withDeadline(callbackTimeoutMs, () => exchangeCode(who.service, transaction, { search, state }));
  await depositConnection(who.session, who.service, tokens);
  return redirectTo(returnTo);
}

/** Mix-up: an answer at another service's route than the one that the person was sent to (RFC 9700, section 4.4). */
function isTheirs(
  transaction: ConnectTransaction | null,
  { session, service }: Connecting,
): transaction is ConnectTransaction {
  return transaction?.service === service.id && transaction.sessionId === session.id;
}

function checkIssuer({ iss }: Exclude<AuthorizationAnswer, { kind: "failure" }>, { service }: Connecting): void {
  const provider = providerOf(service);
  // What a service without discovery calls itself is not known here.
  if (iss === null || provider.endpoints || iss === provider.issuer) return;
  throw asError({ code: "issuer_mismatch", cause: "iss" });
}

/** A reload or a step back after it worked: this browser is where it wanted to be. Nothing is exchanged. */
async function redirectBack(who: Connecting, returnTo: string): Promise<Response> {
  const { session, service } = who;
  const isConnected = (await listConnections(session.user.id)).some((connection) => connection.service === service.id);
  if (!isConnected) throw asError(spent);
  await auditDenied(who, spent);
  return redirectTo(returnTo);
}

function asError({ code, cause }: ConnectFailure): ServiceError {
  return new ServiceError(code, { detail: cause });
}
