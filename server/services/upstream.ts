import "server-only";
import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { env } from "../env";
import type { ServiceSettings } from "../service-settings";
import { ServiceError } from "./errors";

export interface UpstreamRequest {
  method: string;
  /** Path and query below the service's base URL, checked. */
  target: string;
  headers: Headers;
  body: Uint8Array | globalThis.ReadableStream<Uint8Array> | null;
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
  const { origin, pathname } = new URL(service.baseUrl);
  const { protocol, hostname, port } = new URL(origin);
  const { method, target, body, contentLength, signal } = request;
  const timeoutMs = service.timeoutMs ?? env().outboundTimeoutMs;
  const headers: Record<string, string> = Object.fromEntries(request.headers);
  if (body !== null && contentLength !== null) headers["content-length"] = String(contentLength);
  return new Promise((resolve, reject) => {
    let late: NodeJS.Timeout | undefined;
    let isAnswered = false;
    const fail = (code: "upstream_unavailable" | "upstream_timeout", cause?: unknown) => {
      if (isAnswered) return;
      clearTimeout(late);
      outgoing.destroy();
      reject(new ServiceError(code, { cause }));
    };
    // From the last byte that moved: an upload takes as long as it takes.
    const wait = () => {
      clearTimeout(late);
      if (!isAnswered) late = setTimeout(() => fail("upstream_timeout"), timeoutMs);
    };
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
    outgoing.once("response", (response) => {
      isAnswered = true;
      clearTimeout(late);
      resolve(response);
    });
    outgoing.on("error", (error) => fail("upstream_unavailable", error));
    wait();
    if (body === null) outgoing.end();
    else if (body instanceof Uint8Array) outgoing.end(body);
    else {
      const source = Readable.fromWeb(body as ReadableStream<Uint8Array>);
      source.on("data", wait);
      // An upstream may answer, and hang up, before it has read everything: then this comes second, and says nothing.
      pipeline(source, outgoing, { signal }).catch((error: unknown) => fail("upstream_unavailable", error));
    }
  });
}

/** The headers of an answer, of which several may have one name. */
export function headersOf({ rawHeaders }: http.IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  return headers;
}
