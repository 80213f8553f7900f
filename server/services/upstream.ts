import "server-only";
import http from "node:http";
import https from "node:https";
import { env } from "../env";
import type { ServiceSettings } from "../service-settings";
import { ServiceError } from "./errors";
import { createUpload } from "./upload";

export interface UpstreamRequest {
  method: string;
  /** Path and query below the service's base URL, checked. */
  target: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** The body's size in bytes, where it is known. */
  contentLength: number | null;
  /** Ends the call, whatever it is at. */
  signal: AbortSignal;
}

// One set of connections a service: those of a dead one keep nobody waiting for another.
const agents = new Map<string, http.Agent>();
const mostConnections = 256;

function agentOf({ id, baseUrl }: ServiceSettings): http.Agent {
  let agent = agents.get(id);
  if (!agent) {
    const options = { keepAlive: true, maxSockets: mostConnections, maxFreeSockets: 32, timeout: 60_000 };
    agent = baseUrl.startsWith("https:") ? new https.Agent(options) : new http.Agent(options);
    agents.set(id, agent);
  }
  return agent;
}

/**
 * Sends one request to a service and answers as soon as it begins to. Both bodies are streams, and neither is kept. No
 * redirect is followed, and nothing of the address is normalised.
 *
 * @throws ServiceError `upstream_unavailable`, `upstream_timeout`
 */
export async function callUpstream(service: ServiceSettings, request: UpstreamRequest): Promise<http.IncomingMessage> {
  try {
    return await send(service, request);
  } catch (error) {
    // RFC 9110 section 9.2.2: a connection that was kept open may have been closed while this was on its way.
    const isStale = error instanceof ServiceError && error.detail === staleConnection;
    if (isStale && ["GET", "HEAD"].includes(request.method) && request.body === null) return send(service, request);
    throw error;
  }
}

const staleConnection = "stale_connection";
// A peer that is gone without a word ends a stream that nothing else would end.
const keepAliveProbeMs = 30_000;

function send(service: ServiceSettings, request: UpstreamRequest): Promise<http.IncomingMessage> {
  const { protocol, hostname, port, pathname } = new URL(service.baseUrl);
  const { method, target, body, contentLength, signal } = request;
  const timeoutMs = service.timeoutMs ?? env().outboundTimeoutMs;
  const headers: Record<string, string> = Object.fromEntries(request.headers);
  if (body !== null && contentLength !== null) headers["content-length"] = String(contentLength);
  return new Promise((resolve, reject) => {
    const upload = body instanceof ReadableStream ? createUpload(body) : null;
    let late: NodeJS.Timeout | undefined;
    let isOver = false;
    const outgoing = (protocol === "https:" ? https : http).request({
      protocol,
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port,
      method,
      path: (pathname === "/" ? "" : pathname) + target,
      headers,
      agent: agentOf(service),
      signal,
      setHost: true,
    });
    const fail = (code: "upstream_unavailable" | "upstream_timeout", cause?: unknown) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(late);
      outgoing.destroy();
      const isStale = outgoing.reusedSocket && isReset(cause);
      reject(new ServiceError(code, { cause, ...(isStale && { detail: staleConnection }) }));
    };
    // From the last byte that moved: an upload takes as long as it takes. The pauses of whoever uploads are not counted.
    const wait = () => {
      clearTimeout(late);
      if (isOver) return;
      const look = () => (upload?.isWaiting() && outgoing.writableLength === 0 ? wait() : fail("upstream_timeout"));
      late = setTimeout(look, timeoutMs);
    };
    outgoing.once("response", (response) => {
      isOver = true;
      clearTimeout(late);
      resolve(response);
    });
    outgoing.on("error", (error) => fail("upstream_unavailable", error));
    outgoing.setSocketKeepAlive(true, keepAliveProbeMs);
    wait();
    if (upload) upload.sendTo(outgoing, wait).catch((error: unknown) => fail("upstream_unavailable", error));
    else outgoing.end(body ?? undefined);
  });
}

function isReset(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ECONNRESET" || cause.code === "EPIPE");
}

/** The headers of an answer, of which several may have one name. */
export function headersOf({ rawHeaders }: http.IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  return headers;
}
