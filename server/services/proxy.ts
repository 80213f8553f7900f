import "server-only";
import type http from "node:http";
import { Readable } from "node:stream";
import { apiPolicy } from "@/edge/content-security-policy";
import type { ErrorCode } from "@/edge/error-codes";
import { isNavigation } from "@/edge/request-kind";
import { auditAtOnce } from "../audit/audit";
import { env } from "../env";
import { errorJson, redirectTo, shut } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { getRequestContext } from "../http/request-context";
import { isOwnCall } from "../http/same-origin";
import type { ServiceSettings } from "../service-settings";
import { auditDenial } from "../sessions/denial";
import { type ActiveSession, rollSessionState } from "../sessions/session-state";
import { ServiceError } from "./errors";
import { exchange } from "./exchange";
import { findService } from "./registry";
import { requestHeadersFor, responseHeadersFrom } from "./service-headers";
import { findRoute, parseServicePath } from "./service-path";
import { keepSmall } from "./small-body";
import { headersOf } from "./upstream";

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
  const state = await rollSessionState();
  if (state.kind === "unavailable") return errorJson("database_unavailable");
  if (state.kind !== "active") {
    if (isNavigation(request.headers)) return redirectTo("/sign-in");
    return errorJson(state.kind === "ended" ? state.code : "not_authenticated");
  }
  const { session } = state;
  if (!isOwnCall(request.headers)) {
    const { user, hash: sessionHash, provider, issuer } = session;
    const who = { userId: user.id, sessionHash, provider, issuer };
    await auditAtOnce({ ...who, event: "csrf.rejected", outcome: "failure", reason: "csrf_rejected" });
    return errorJson("csrf_rejected");
  }
  const asked = parseTarget(request);
  if (asked === null) return errorJson("invalid_request");
  const service = findService(asked.serviceId);
  if (!service) return errorJson("unknown_service");
  const { route, allowed } = findRoute(service.routes ?? [], asked.path, request.method);
  if (!route) return allowed.length > 0 ? shut(405, { Allow: allowed.join(", ") }) : shut(404);
  if (route.roles && !route.roles.some((role) => session.roles.includes(role))) return forbid(session, asked);
  return pass(request, service, session, asked);
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

async function pass(
  request: Request,
  service: ServiceSettings,
  session: ActiveSession,
  asked: Target,
): Promise<Response> {
  const organization = request.headers.get("x-organization");
  const contentLength = parseLength(request.headers.get("content-length"));
  try {
    const hasBody = request.method !== "GET" && request.method !== "HEAD";
    const upstream = await exchange(
      service,
      { session, organization },
      {
        method: request.method,
        target: asked.path + asked.search,
        headers: requestHeadersFor(request.headers, service.requestHeaders),
        body: hasBody && request.body ? await keepSmall(request.body, contentLength) : null,
        contentLength,
        signal: request.signal,
      },
    );
    return await answerWith(upstream, service, request.method);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === "forbidden") return forbid(session, asked);
    log.warn("service.not_called", { service: service.id, reason: error.code, cause: describeError(error.cause) });
    return errorJson(error.code);
  }
}

function parseLength(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

async function forbid(session: ActiveSession, { serviceId, path }: Target): Promise<Response> {
  await auditDenial(session, `/api/services/${serviceId}${path}`);
  return errorJson("forbidden");
}

async function answerWith(upstream: http.IncomingMessage, service: ServiceSettings, method: string): Promise<Response> {
  const status = upstream.statusCode ?? 502;
  const isRedirect = status >= 300 && status < 400 && status !== 304;
  if (status >= 500 || isRedirect || status < 200) {
    upstream.destroy();
    log.warn("service.failed", { service: service.id, status });
    return errorJson(status === 504 ? "upstream_timeout" : "upstream_unavailable");
  }
  const headers = responseHeadersFrom(headersOf(upstream), service.responseHeaders);
  if (method === "HEAD" || status === 204 || status === 304) {
    upstream.resume();
    return new Response(null, { status, headers });
  }
  if (!isSmall(headers)) return new Response(Readable.toWeb(upstream) as ReadableStream, { status, headers });
  const body = await readWhole(upstream, service.timeoutMs ?? env().outboundTimeoutMs);
  return typeof body === "string" ? errorJson(body) : new Response(new Uint8Array(body), { status, headers });
}

const smallBytes = 64 * 1024;

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
