import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { apiPolicy, outputPolicy } from "@/edge/content-security-policy";
import { gateNoteHeader, parseGateNote } from "@/edge/gate-note";
import { requestedHost } from "@/edge/public-address";
import { securityHeaders } from "@/edge/security-headers.mjs";
import { noteGate } from "../telemetry/gate-span";
import { type AddressTrust, createAddressReader, listed } from "./client-address";
import { type ClientPlace, type PlaceHeaders, readPlace } from "./client-place";
import { inProcess } from "./in-process";
import { keepHeaderBytes } from "./latin1-headers";
import { isLastAnswer } from "./stopping";
import { noteAddress } from "./wrong-address";

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
  /** The client's address, or null where none can be told. */
  address: string | null;
  /** What limits by address count: the address, of IPv6 its /64. Null where they are off. */
  network: string | null;
  /** Where the host says that the client is; null where it does not. */
  place: ClientPlace | null;
  /** How many addresses `X-Forwarded-For` listed when it came in: Next adds one where there is none. */
  forwarders: number;
  /** The `User-Agent`, cut. */
  userAgent: string | null;
  /** A status that a page asked for, in the place of the one that Next chose (null leaves that), and headers. */
  answer?: { status: number | null; headers: Record<string, string> };
}

function storage(): AsyncLocalStorage<RequestContext> {
  return inProcess("request-context", () => new AsyncLocalStorage());
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

interface ObserveOptions extends AddressTrust {
  /** Whether the gate answers elsewhere, and its policy comes along with the request alone. */
  vercel: boolean;
  /** Whether connections from elsewhere are cut: a demo signs anybody in. */
  loopbackOnly: boolean;
  /** The headers in which the host says where a client is; null where it does not. */
  placeHeaders: PlaceHeaders | null;
}

/** Begins to give every request of this process an id, an address and a context. Called once at start. */
export function observeRequests({ loopbackOnly, vercel, placeHeaders, ...trust }: ObserveOptions): void {
  const readAddress = createAddressReader(trust);
  diagnostics.subscribe("http.server.request.start", (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (loopbackOnly && !isLoopbackAddress(request.socket.localAddress)) {
      request.socket.destroy();
      return;
    }
    const context: RequestContext = {
      requestId: requestIdOf(request, trust.trustedProxyHops ?? 0),
      target: request.url ?? "",
      startedAt: new Date(),
      ...readAddress(request),
      place: placeHeaders && readPlace(request, placeHeaders),
      forwarders: listed(request, "x-forwarded-for").filter(Boolean).length,
      userAgent: request.headers["user-agent"]?.slice(0, 300) ?? null,
    };
    noteAddress(requestedHost({ get: (name) => [request.headers[name] ?? []].flat()[0] ?? null }));
    // The middleware runs in a sandbox of its own and sees only headers.
    request.headers["x-request-id"] = context.requestId;
    response.setHeader("X-Request-Id", context.requestId);
    keepHeaderBytes(response);
    const writeHead = response.writeHead;
    response.writeHead = function (this: ServerResponse, ...given: Parameters<typeof writeHead>) {
      if (isLastAnswer()) this.setHeader("Connection", "close");
      takeGateNote(this);
      if (context.answer) {
        for (const [name, value] of Object.entries(context.answer.headers)) this.setHeader(name, value);
        given[0] = context.answer.status ?? given[0];
        this.statusCode = given[0];
      }
      // Of a file Next says which methods it takes, and then fails over the page that would say so.
      if (given[0] === 500 && this.hasHeader("Allow")) this.statusCode = given[0] = 405;
      this.statusCode = given[0] = shortenRedirect(this, given[0]);
      const policy = vercel ? policyOfGate(request) : null;
      for (const [name, value] of headersFor(context.target, given[0], policy)) {
        if (!this.hasHeader(name)) this.setHeader(name, value);
      }
      return writeHead.apply(this, given);
    } as typeof writeHead;
    storage().enterWith(context);
  });
}

/** What the gate has said to us alone. */
function takeGateNote(response: ServerResponse): void {
  const note = parseGateNote(response.getHeader(gateNoteHeader));
  response.removeHeader(gateNoteHeader);
  if (note) noteGate(note);
}

// As much as leaves room for the other headers in the 4 KB that proxies buffer.
const longestLocation = 2_500;

/**
 * Next sends a path with a slash at its end on to the one without, and says where twice. Once is enough to any browser, and
 * an address that is too long for that is too long (RFC 9110, section 15.5.15).
 *
 * @returns the status to answer with
 */
function shortenRedirect(response: ServerResponse, status: number): number {
  if (status !== 308) return status;
  response.removeHeader("Refresh");
  if (String(response.getHeader("Location") ?? "").length <= longestLocation) return status;
  response.removeHeader("Location");
  return 414;
}

/** The policy of a page, which the gate has written over whatever a client sent; null for anything but pages. */
function policyOfGate({ url = "", headers }: IncomingMessage): string | null {
  const policy = headers["content-security-policy"];
  return url.startsWith("/api/") || typeof policy !== "string" ? null : policy;
}

/** What an answer carries that says nothing itself: a redirect, an error or a file that Next answers with by itself. */
function headersFor(target: string, status: number, policy: string | null): [name: string, value: string][] {
  const isOutput = status < 400 && target.startsWith("/_next/static/");
  return [
    ...Object.entries(securityHeaders),
    ["Content-Security-Policy", isOutput ? outputPolicy : (policy ?? apiPolicy)],
    // A page that is not there may say who is looking for it; and what is not there now may be in a moment.
    ...(status < 400 ? [] : [["Cache-Control", "private, no-store"] as [string, string]]),
  ];
}

const idPattern = /^[A-Za-z0-9-]{8,64}$/;

function requestIdOf(request: IncomingMessage, trustedProxyHops: number): string {
  const inbound = request.headers["x-request-id"];
  if (trustedProxyHops > 0 && typeof inbound === "string" && idPattern.test(inbound)) return inbound;
  return randomUUID();
}

function isLoopbackAddress(address: string | undefined): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(address ?? "");
}
