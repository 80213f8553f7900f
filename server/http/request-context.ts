import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { isLastAnswer } from "./stopping";

/**
 * What Node knows of a request before Next does: its id, its peer, and the response that will go out.
 *
 * Next hides the socket's address once a client sends `X-Forwarded-For`, and lets no page set its status. Node's
 * public `http.server.request.start` event comes before both.
 */
export interface RequestContext {
  requestId: string;
  /** The request target as it stood in the request line. */
  target: string;
  /** When Node received it. */
  startedAt: Date;
  /** The client's address by the trusted hop, or null where none can be told. */
  address: string | null;
  /** The `User-Agent`, cut. */
  userAgent: string | null;
  /** A status that a page asked for, in the place of the one that Next chose (null leaves that), and headers. */
  answer?: { status: number | null; headers: Record<string, string> };
}

// Next bundles its entries apart from each other: module state would exist several times, this symbol once.
const storageKey = Symbol.for("daemun.request-context");
const shared = globalThis as unknown as Record<symbol, AsyncLocalStorage<RequestContext> | undefined>;

function storage(): AsyncLocalStorage<RequestContext> {
  shared[storageKey] ??= new AsyncLocalStorage();
  return shared[storageKey];
}

/** The context of the request being answered, or null outside one (and on hosts without Node's HTTP server). */
export function getRequestContext(): RequestContext | null {
  return storage().getStore() ?? null;
}

/**
 * Asks that this response goes out with `status` instead of what Next chose, for pages that cannot set one, and with
 * headers that Next would leave out. Without effect once the headers are sent.
 */
export function answerWith(status: number | null, headers: Record<string, string> = {}): void {
  const context = getRequestContext();
  if (context) context.answer = { status, headers };
}

interface ObserveOptions {
  trustedProxyHops: number;
  /** Whether connections from elsewhere are cut: a demo signs anybody in. */
  loopbackOnly: boolean;
}

/**
 * Begins to give every request of this process an id, an address and a context. Called once at start.
 *
 * @param trustedProxyHops how many proxies in front are ours; the address is the last of `X-Forwarded-For` they wrote
 */
export function observeRequests({ trustedProxyHops, loopbackOnly }: ObserveOptions): void {
  diagnostics.subscribe("http.server.request.start", (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (loopbackOnly && !isLoopbackAddress(request.socket.localAddress)) {
      request.socket.destroy();
      return;
    }
    const context: RequestContext = {
      requestId: requestIdOf(request, trustedProxyHops),
      target: request.url ?? "",
      startedAt: new Date(),
      address: addressOf(request, trustedProxyHops),
      userAgent: request.headers["user-agent"]?.slice(0, 300) ?? null,
    };
    // The middleware runs in a sandbox of its own and sees only headers.
    request.headers["x-request-id"] = context.requestId;
    response.setHeader("X-Request-Id", context.requestId);
    const writeHead = response.writeHead;
    response.writeHead = function (this: ServerResponse, ...given: Parameters<typeof writeHead>) {
      if (isLastAnswer()) this.setHeader("Connection", "close");
      if (context.answer) {
        for (const [name, value] of Object.entries(context.answer.headers)) this.setHeader(name, value);
        given[0] = context.answer.status ?? given[0];
        this.statusCode = given[0];
      }
      return writeHead.apply(this, given);
    } as typeof writeHead;
    if (!isReadable(context.target)) request.url = "/api/services/unreadable/x";
    storage().enterWith(context);
  });
}

/**
 * Whether Next can tell a route by this request target. To what stands for the whole server (RFC 9112, section 3.2.4) and
 * to what no gate looks at before it is decoded it answers 500, and to an address of its own (section 3.2.2) by sending
 * people to whatever host that names. The proxy refuses them all: there is no such service.
 */
function isReadable(target: string): boolean {
  if (!target.startsWith("/")) return false;
  if (!target.startsWith("/api/services/")) return true;
  try {
    return decodeURIComponent(target.split("?", 1)[0] ?? "") !== "";
  } catch {
    return false;
  }
}

const idPattern = /^[A-Za-z0-9-]{8,64}$/;

function requestIdOf(request: IncomingMessage, trustedProxyHops: number): string {
  const inbound = request.headers["x-request-id"];
  if (trustedProxyHops > 0 && typeof inbound === "string" && idPattern.test(inbound)) return inbound;
  return randomUUID();
}

function addressOf(request: IncomingMessage, trustedProxyHops: number): string | null {
  if (trustedProxyHops === 0) return plain(request.socket.remoteAddress ?? null);
  const hops = [request.headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
  const address = hops.at(-trustedProxyHops)?.trim() ?? "";
  return isIP(address) ? plain(address) : null;
}

function isLoopbackAddress(address: string | undefined): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(address ?? "");
}

// IPv4 over a dual-stack socket is IPv4 to people.
function plain(address: string | null): string | null {
  return address?.replace(/^::ffff:(?=\d+\.)/, "") ?? null;
}
