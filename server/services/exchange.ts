import "server-only";
import type http from "node:http";
import { noteNonce, wantsNonce } from "../oidc/dpop";
import { getAccessTokenFor, getExchangedTokenFor } from "../sessions/guards/session-tokens";
import type { ActiveSession } from "../sessions/registry/active-session";
import { holdOpen } from "../sessions/registry/hold-open";
import { SessionOver } from "../sessions/registry/open-calls";
import type { ServiceSettings } from "../settings/services";
import { traced } from "../telemetry/spans";
import type { Wish } from "../tokens/broker";
import type { Credential, TokenOutcome } from "../tokens/outcome";
import { connectPathOf } from "./connect-path";
import { getConnectionToken } from "./connection-token";
import { isEventStream } from "./download";
import { ServiceError } from "./errors";
import { assertionFor, exchangeOf } from "./own-tokens";
import { isReplacement, noteReplacement, noteTaken } from "./refused-tokens";
import { type ConnectableService, isConnectable } from "./service-provider";
import { type Share, takeShare } from "./shares";
import { callUpstream, headersOf, type UpstreamRequest } from "./upstream";

export interface Caller {
  session: ActiveSession;
  /** The organization on whose behalf this is, or null where none was named. */
  organization: string | null;
}

/** A call that goes on until its answer has been read, or is given up. */
export interface Exchange {
  response: http.IncomingMessage;
  /** Aborted where the session is over before that. */
  over: AbortSignal;
}

// A body that is under way for longer is a stream.
const streamAfterMs = 2_000;

/**
 * Calls a service on somebody's behalf, when its turn comes and while the session lives. A token that it refuses is replaced,
 * and the call made once more if its body can be sent again; if not, the next call has the new one.
 *
 * @throws ServiceError
 */
export function exchange(service: ServiceSettings, asked: Caller, request: UpstreamRequest): Promise<Exchange> {
  const caller = { ...asked, organization: asked.organization ?? defaultOrganization(asked.session, request) };
  const facts = { "daemun.service": service.id, "http.request.method": request.method };
  return traced("daemun.service.call", facts, async (tell) => {
    const exchanged = await call(service, caller, request);
    tell({ "http.response.status_code": exchanged.response.statusCode ?? 0 });
    return exchanged;
  });
}

/**
 * The organization of a call that names none: the one that the user works in. What changes something has to name it: another
 * tab may have chosen another since the page was made.
 */
function defaultOrganization({ organization }: ActiveSession, { method }: UpstreamRequest): string | null {
  return method === "GET" || method === "HEAD" ? organization : null;
}

async function call(service: ServiceSettings, caller: Caller, request: UpstreamRequest): Promise<Exchange> {
  const open = holdOpen(caller.session);
  const signal = AbortSignal.any([request.signal, open.signal]);
  let share: Share | null = null;
  let timer: NodeJS.Timeout | undefined;
  const release = () => {
    clearTimeout(timer);
    share?.release();
    open.release();
  };
  try {
    const taken = await takeShare(caller.session, service, signal);
    share = taken;
    const becomeStreamLater = () => {
      clearTimeout(timer);
      timer = setTimeout(taken.becomeStream, streamAfterMs).unref();
    };
    if (request.body instanceof ReadableStream) becomeStreamLater();
    const response = await askTwice(service, caller, { ...request, signal, onSocket: taken.use });
    response.once("close", release);
    const full = isEventStream(response) ? taken.becomeStream() : null;
    if (full) {
      response.destroy();
      throw new ServiceError(full, { retryAfterSeconds: 5 });
    }
    becomeStreamLater();
    return { response, over: open.signal };
  } catch (error) {
    release();
    throw causeOf(error, open.signal.reason);
  }
}

/** The end of the session is why a call fails, but for the call whose own refresh the provider refused: it is told that. */
function causeOf(error: unknown, end: unknown): unknown {
  if (!(end instanceof SessionOver)) return error;
  const isItsOwn = end.code === "signed_out_by_provider" && error instanceof ServiceError;
  return isItsOwn && error.code === "reauthentication_required" ? error : new ServiceError(end.code);
}

async function askTwice(
  service: ServiceSettings,
  caller: Caller,
  request: UpstreamRequest,
): Promise<http.IncomingMessage> {
  const credential = await tokenFor(service, caller);
  const response = await callAs(service, caller, request, credential);
  // An assertion is good for one call, and another would say the same.
  if (credential === null || service.authentication.kind === "assertion") return response;
  const { accessToken: token } = credential;
  if (response.statusCode !== 401) {
    noteTaken(token);
    return response;
  }
  // Only the nonce was lacking, of a body that cannot be sent again: the token is good, and the next call has the nonce.
  if (credential.proofKey && wantsNonce(response.statusCode, headersOf(response))) return response;
  // What has just been fetched in a refused one's place is refused too: it is not the token that this service dislikes.
  if (isReplacement(token)) return response;
  const next = await tokenFor(service, caller, { other: token }).catch((error: unknown) => {
    response.destroy();
    throw error;
  });
  if (next !== null) noteReplacement(next.accessToken);
  if (request.body instanceof ReadableStream) return response;
  response.destroy();
  const last = await callAs(service, caller, request, next);
  if (next !== null && last.statusCode !== 401) noteTaken(next.accessToken);
  return last;
}

/** One call with one token; once more where the service wants to see a nonce in the proof, and the body can be sent again. */
async function callAs(
  service: ServiceSettings,
  { session }: Caller,
  request: UpstreamRequest,
  credential: Credential | null,
): Promise<http.IncomingMessage> {
  const call = async () => callUpstream(service, await withIdentity(service, session, request, credential));
  const response = await call();
  if (!credential?.proofKey) return response;
  const headers = headersOf(response);
  noteNonce(service.baseUrl, headers);
  if (!wantsNonce(response.statusCode, headers) || request.body instanceof ReadableStream) return response;
  response.destroy();
  return call();
}

/**
 * The access token with which a service is called on somebody's behalf, or null for a service that wants none.
 *
 * @param wish where given, a kept token will not do unless it fulfils this
 * @throws ServiceError the token's own failure; `forbidden` for somebody else's organization; `unknown_organization` where
 *   one has to be named
 */
async function tokenFor(
  service: ServiceSettings,
  caller: Caller,
  wish?: NonNullable<Wish>,
): Promise<Credential | null> {
  const { authentication } = service;
  const { session, organization } = caller;
  if (authentication.kind === "none") return null;
  if (authentication.kind === "assertion") return { accessToken: await assertionFor(authentication, caller) };
  if (authentication.kind === "exchange")
    return credentialOf(await getExchangedTokenFor(session, exchangeOf(service.id, authentication), wish));
  if (isConnectable(service)) return connectionTokenOf(service, await getConnectionToken(session, service, wish));
  if (authentication.kind !== "resource") throw new ServiceError("unknown_service");
  const isPerOrganization = authentication.perOrganization === true;
  if (isPerOrganization && organization === null) throw new ServiceError("unknown_organization");
  const request = {
    resource: authentication.resource,
    ...(isPerOrganization && organization !== null && { organization }),
  };
  return credentialOf(await getAccessTokenFor(session, request, wish));
}

async function connectionTokenOf(service: ConnectableService, outcome: TokenOutcome): Promise<Credential> {
  // Never connected, or not honoured any more: the way out is the same.
  if (outcome.kind === "refused" && outcome.code === "reauthentication_required") {
    throw new ServiceError("service_not_connected", { connectPath: await connectPathOf(service.id) });
  }
  return credentialOf(outcome);
}

function credentialOf(outcome: TokenOutcome): Credential {
  switch (outcome.kind) {
    case "token":
      return outcome;
    case "unavailable":
      throw new ServiceError(outcome.code, { retryAfterSeconds: outcome.retryAfterSeconds });
    case "refused":
      // Not theirs, whether or not there is such a one.
      throw new ServiceError(outcome.code === "unknown_organization" ? "forbidden" : outcome.code);
  }
}

/** Who is asking, in words that only this app has the right to use. */
async function withIdentity(
  { forwardUser, baseUrl }: ServiceSettings,
  { user, roles }: ActiveSession,
  request: UpstreamRequest,
  credential: Credential | null,
): Promise<UpstreamRequest> {
  const headers = new Headers(request.headers);
  if (credential !== null) {
    const { accessToken, proofKey } = credential;
    headers.set("authorization", `${proofKey ? "DPoP" : "Bearer"} ${accessToken}`);
    const url = baseUrl + request.target;
    if (proofKey) headers.set("dpop", await proofKey.prove({ method: request.method, url, accessToken }));
  }
  if (forwardUser) {
    headers.set("x-forwarded-user", user.id);
    // A role may be called anything: as JSON with ASCII alone it stays one header.
    headers.set("x-forwarded-roles", asciiJson(roles));
  }
  return { ...request, headers };
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
