import "server-only";
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { env } from "../settings/env";
import type { ServiceSettings } from "../settings/services";
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
  /** Told of each connection that the call goes over. */
  onSocket?: (socket: Socket) => void;
}

// One set of connections a service: those of a dead one keep nobody waiting for another. How many there may be, shares.ts says.
const agents = new Map<string, http.Agent>();

function agentOf({ id, baseUrl }: ServiceSettings): http.Agent {
  let agent = agents.get(id);
  if (!agent) {
    const options = { keepAlive: true, maxFreeSockets: 32, timeout: 60_000 };
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
  const first = await send(service, request);
  if (!("stale" in first)) return first;
  // RFC 9110 section 9.2.2: a connection that was kept open may have been closed while this was on its way.
  const isRepeatable = ["GET", "HEAD"].includes(request.method) && request.body === null;
  const last = isRepeatable ? await send(service, request) : first;
  if (!("stale" in last)) return last;
  throw new ServiceError("upstream_unavailable", { cause: last.stale });
}

// How long who uploads may go on after a service has failed: an answer that is written before the rest of the body is read
// is lost with the connection, where that closes after it.
const readAwayMs = 2_000;

// A peer that is gone without a word ends a stream that nothing else would end.
const keepAliveProbeMs = 30_000;

/** The answer's beginning, or what broke a connection that was kept open from the call before. */
function send(service: ServiceSettings, request: UpstreamRequest): Promise<http.IncomingMessage | { stale: unknown }> {
  const { protocol, hostname, port, pathname } = new URL(service.baseUrl);
  const { method, target, body, contentLength, signal } = request;
  const timeoutMs = service.timeoutMs ?? env().outboundTimeoutMs;
  const headers: Record<string, string> = Object.fromEntries(request.headers);
  if (body !== null && contentLength !== null) headers["content-length"] = String(contentLength);
  return new Promise((resolve, reject) => {
    const upload = body instanceof ReadableStream ? createUpload(body) : null;
    let late: NodeJS.Timeout | undefined;
    let isOver = false;
    let uploaded: Promise<unknown> = Promise.resolve();
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
      const tell = () => {
        if (outgoing.reusedSocket && isReset(cause)) resolve({ stale: cause });
        else reject(new ServiceError(code, { cause }));
      };
      void Promise.race([uploaded, sleep(readAwayMs, undefined, { ref: false })]).then(tell);
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
      // Who refuses an upload before it was read whole may never read the rest, and whoever sends it would wait: it is read away
      // here, as where the service hangs up.
      if (upload && (response.statusCode ?? 0) >= 400)
        response.once("end", () => {
          if (!outgoing.writableEnded) outgoing.destroy();
        });
      resolve(response);
    });
    outgoing.on("error", (error) => fail("upstream_unavailable", error));
    if (request.onSocket) outgoing.once("socket", request.onSocket);
    outgoing.setSocketKeepAlive(true, keepAliveProbeMs);
    wait();
    if (!upload) return void outgoing.end(body ?? undefined);
    uploaded = upload.sendTo(outgoing, wait).catch((error: unknown) => fail("upstream_unavailable", error));
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
