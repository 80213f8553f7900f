import "server-only";
import type http from "node:http";
import { apiPolicy } from "@/edge/content-security-policy";
import type { ErrorCode } from "@/edge/error-codes";
import { hasRole } from "@/edge/gate";
import { isNavigation } from "@/edge/request-kind";
import { signInAddress } from "@/edge/return-path";
import { errorJson, redirectTo, shut } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { answerWith, getRequestContext } from "../http/request-context";
import { isOwnCall } from "../http/same-origin";
import { auditDenial, auditForgery } from "../sessions/guards/denial";
import type { ActiveSession } from "../sessions/registry/active-session";
import { SessionOver } from "../sessions/registry/open-calls";
import { isSessionEnd } from "../sessions/registry/session-end";
import { readSession, type SessionState } from "../sessions/registry/session-state";
import { env } from "../settings/env";
import type { ServiceSettings } from "../settings/services";
import { downloadOf } from "./download";
import { ServiceError } from "./errors";
import { type Exchange, exchange } from "./exchange";
import { findService } from "./registry";
import { requestHeadersFor, responseHeadersFrom } from "./service-headers";
import { findRoute, parseServicePath } from "./service-path";
import { hasAllStreams } from "./shares";
import { keepSmall, smallBytes } from "./upload";
import { headersOf, type UpstreamRequest } from "./upstream";

/**
 * `/api/services/[service]/[...path]`: passes a call of our own pages on to a service, with the person's token, and its
 * answer back. Counts as activity: a person caused it.
 */
export async function proxy(request: Request): Promise<Response> {
  const response = await answer(request);
  // Compressing would hold back events that have to arrive one by one.
  response.headers.set("Cache-Control", "private, no-store, no-transform");
  // The gate does not run here: it would keep a copy of each body. Nothing that comes from a service is a page of ours.
  response.headers.set("Content-Security-Policy", `${apiPolicy}; sandbox`);
  return response;
}

async function answer(request: Request): Promise<Response> {
  const isOwn = isOwnCall(request.headers);
  const state = await readSession({ activity: isOwn ? "yes" : "no" });
  if (state.kind !== "active") return refuse(request, state);
  const { session } = state;
  const asked = parseTarget(request);
  if (!isOwn) {
    await auditForgery(session, asked ? addressOf(asked) : "/api/services/");
    return errorJson("csrf_rejected");
  }
  if (asked === null) return errorJson("invalid_request");
  const service = findService(asked.serviceId);
  if (!service) return errorJson("unknown_service");
  const { route, allowed, isAmbiguous } = findRoute(service.routes ?? [], asked.path, request.method);
  if (isAmbiguous) return errorJson("invalid_request");
  if (!route) return allowed.length > 0 ? shut(405, { Allow: allowed.join(", ") }) : shut(404);
  if (!hasRole(route.roles, session.roles)) return forbid(session, asked);
  return pass(request, service, session, asked);
}

/** Nobody comes back to where there is no page. */
function refuse(request: Request, state: Exclude<SessionState, { kind: "active" }>): Response {
  const isTold = state.kind === "unavailable" || !isNavigation(request.headers);
  return isTold ? errorJson(state.code) : redirectTo(signInAddress(null, state.code));
}

interface Target {
  serviceId: string;
  path: string;
  search: string;
}

// As Node received it: Next has resolved dots and decoded some of it by the time that it hands over an address.
function parseTarget(request: Request): Target | null {
  const url = new URL(request.url);
  const raw = getRequestContext()?.target ?? url.pathname + url.search;
  const match = /^\/api\/services\/([a-z][a-z0-9-]{0,31})(\/[^#]*)$/.exec(raw);
  const parsed = match?.[2] ? parseServicePath(match[2]) : null;
  return parsed && match?.[1] ? { serviceId: match[1], ...parsed } : null;
}

function addressOf({ serviceId, path }: Target): string {
  return `/api/services/${serviceId}${path}`;
}

async function pass(
  request: Request,
  service: ServiceSettings,
  session: ActiveSession,
  asked: Target,
): Promise<Response> {
  const { method, signal } = request;
  const organization = request.headers.get("x-organization") || null;
  const headers = requestHeadersFor(request.headers, service.requestHeaders);
  // Next leaves out of an answer how it is packed. Where that cannot be put back, nothing may be.
  if (!getRequestContext()) headers.set("accept-encoding", "identity");
  const target = asked.path + asked.search;
  try {
    if (wantsEvents(request) && hasAllStreams(session))
      throw new ServiceError("rate_limited", { retryAfterSeconds: 5 });
    const passed = await exchange(
      service,
      { session, organization },
      { method, target, headers, ...(await bodyOf(request)), signal },
    );
    return await passBack(passed, service, method);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { code, cause, connectPath, retryAfterSeconds } = error;
    if (code === "forbidden") return forbid(session, asked);
    if (!signal.aborted && code !== "rate_limited" && !isSessionEnd(code))
      log.warn("service.not_called", { service: service.id, reason: code, cause: describeError(cause) });
    const retry = retryAfterSeconds === null ? {} : { retryAfterSeconds };
    return errorJson(code, retry, connectPath === null ? {} : { connect: connectPath });
  }
}

/**
 * The body, as far as there is one: Next has a stream for every method that could have had one. A small one is read, so that
 * it can be sent again with another token.
 */
async function bodyOf({ method, headers, body }: Request): Promise<Pick<UpstreamRequest, "body" | "contentLength">> {
  const contentLength = parseLength(headers.get("content-length"));
  const isThere = headers.has("transfer-encoding") || (contentLength !== null && contentLength > 0);
  if (!isThere || method === "GET" || method === "HEAD") return { body: null, contentLength: null };
  return { body: body && (await keepSmall(body, contentLength)), contentLength };
}

function parseLength(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

async function forbid(session: ActiveSession, asked: Target): Promise<Response> {
  await auditDenial(session, addressOf(asked));
  return errorJson("forbidden");
}

async function passBack(
  { response: upstream, over }: Exchange,
  service: ServiceSettings,
  method: string,
): Promise<Response> {
  const status = upstream.statusCode ?? 502;
  const isRedirect = status >= 300 && status < 400 && status !== 304;
  if (status >= 500 || isRedirect || status < 200) {
    upstream.destroy();
    log.warn("service.failed", { service: service.id, status });
    return errorJson(status === 504 ? "upstream_timeout" : "upstream_unavailable");
  }
  const headers = responseHeadersFrom(headersOf(upstream), service.responseHeaders);
  if (method === "HEAD" || [204, 205, 304].includes(status)) {
    upstream.resume();
    if (method === "HEAD") keepFraming(headers);
    return new Response(null, { status, headers });
  }
  if (!isSmall(headers)) {
    keepFraming(headers);
    return new Response(downloadOf(upstream, { headAtOnce: true, over }), { status, headers });
  }
  const body = await readWhole(upstream, service.timeoutMs ?? env().outboundTimeoutMs);
  if (over.reason instanceof SessionOver) return errorJson(over.reason.code);
  if (typeof body === "string") return errorJson(body);
  keepFraming(headers);
  return new Response(new Uint8Array(body), { status, headers });
}

/** As browsers do who open an `EventSource`: one that cannot be had is refused before the service is asked. */
function wantsEvents({ headers }: Request): boolean {
  return headers.get("accept")?.toLowerCase().startsWith("text/event-stream") ?? false;
}

/** What Next takes for its own to say, and what is true of these bytes, which pass as they came. */
function keepFraming(headers: Headers): void {
  const framing = ["content-encoding", "content-length"].flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  answerWith(null, Object.fromEntries(framing));
}

/** Read whole before anything is answered, so that a service which stops halfway is told as what it is. */
function isSmall(headers: Headers): boolean {
  const length = parseLength(headers.get("content-length"));
  return length !== null && length <= smallBytes;
}

async function readWhole(upstream: http.IncomingMessage, timeoutMs: number): Promise<Buffer | ErrorCode> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    upstream.destroy();
  }, timeoutMs);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of upstream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } catch {
    return isLate ? "upstream_timeout" : "upstream_unavailable";
  } finally {
    clearTimeout(timer);
  }
}
