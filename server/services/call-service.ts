import "server-only";
import { readSession } from "../sessions/registry/session-state";
import type { ServiceId, ServiceSettings } from "../settings/services";
import { downloadOf } from "./download";
import { ServiceError } from "./errors";
import { exchange } from "./exchange";
import { findService } from "./registry";
import { findRoute, parseServicePath } from "./service-path";
import { headersOf } from "./upstream";

/** What is sent to a service. */
export interface ServiceCall {
  /** `GET`, if absent. */
  method?: string;
  headers?: HeadersInit;
  body?: string | URLSearchParams | Uint8Array | ReadableStream<Uint8Array>;
  /**
   * On whose behalf, for a service that is called for an organization. Left out, a `GET` is for the one that the user works in;
   * what changes something has to name the one that the page showed.
   */
  organization?: string;
  signal?: AbortSignal;
}

// Ours to say, whatever a caller copied together.
const ownHeaders =
  "authorization dpop cookie host connection keep-alive te trailer transfer-encoding upgrade content-length expect x-forwarded-user x-forwarded-roles".split(
    " ",
  );

/**
 * Calls a service for whoever is asking, with the right token, from pages, actions and route handlers. What the service
 * answers, errors of its own among that, is the answer; a 401 is answered with a new token first, where the body can be sent
 * again. No redirect is followed.
 *
 * @param path relative to the service's base URL, with its query
 * @throws ServiceError `service_not_connected` (with where to connect it), `unknown_service`, `invalid_request` (the path),
 *   `forbidden`, `reauthentication_required`, `upstream_unavailable`, `upstream_timeout`, the session's own end, and others
 */
export async function callService(name: ServiceId, path: string, call: ServiceCall = {}): Promise<Response> {
  const service = findService(name);
  if (!service) throw new ServiceError("unknown_service");
  const { method = "GET", organization = null, signal = new AbortController().signal } = call;
  const target = parseServicePath(path.startsWith("/") ? path : `/${path}`);
  if (!target || hasForeignParameters(service, target.path, method)) throw new ServiceError("invalid_request");
  const state = await readSession();
  if (state.kind === "unavailable") throw new ServiceError(state.code, { retryAfterSeconds: 5 });
  if (state.kind !== "active") throw new ServiceError(state.code);
  // Known by what it is sent as: text has a type, a form another.
  const sent = new Request("http://service.invalid", {
    method,
    ...(call.headers && { headers: call.headers }),
    ...bodyOf(call),
  });
  for (const header of ownHeaders) sent.headers.delete(header);
  const { response: upstream, over } = await exchange(
    service,
    { session: state.session, organization },
    {
      method: sent.method,
      target: target.path + target.search,
      headers: sent.headers,
      body: call.body instanceof ReadableStream ? call.body : sent.body && new Uint8Array(await sent.arrayBuffer()),
      contentLength: null,
      signal,
    },
  );
  const status = upstream.statusCode ?? 502;
  // No answer that a Response could be.
  if (status < 200 || status > 599) {
    upstream.destroy();
    throw new ServiceError("upstream_unavailable", { detail: "status" });
  }
  const isEmpty = sent.method === "HEAD" || [204, 205, 304].includes(status);
  if (isEmpty) upstream.resume();
  const headers = headersOf(upstream);
  for (const header of ["set-cookie", "connection", "keep-alive", "transfer-encoding"]) headers.delete(header);
  return new Response(isEmpty ? null : downloadOf(upstream, { over }), { status, headers });
}

// What follows a `;` is no part of the path to some servers: only a route of the configuration can say that it belongs.
function hasForeignParameters({ routes = [] }: ServiceSettings, path: string, method: string): boolean {
  return path.includes(";") && findRoute(routes, path, method).route === null;
}

function bodyOf({ body }: ServiceCall) {
  if (body === undefined || body instanceof ReadableStream) return {};
  return { body: body instanceof Uint8Array ? new Uint8Array(body) : body };
}
