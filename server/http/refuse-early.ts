import "server-only";
import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { serverActionBytes } from "@/edge/body-limits.mjs";
import type { ErrorCode } from "@/edge/error-codes";
import { isNavigation } from "@/edge/request-kind";
import { type BadRequest, findFault, isMultipart, mayBeAction } from "./bad-request";
import { failedReply } from "./error-reply";
import { describeError, log } from "./log";
import { passBodyThrough } from "./pass-body-through";
import { peekBody } from "./peek-body";
import { readAwayBeforeEnd } from "./read-away";
import { queueRequest } from "./request-queue";
import { readRouteHandlers } from "./route-handlers";
import { closeWhenIdle } from "./stopping";
import { explainUnknownAction, type ReadyReply } from "./unknown-action";

const guarded = new WeakSet<Server>();

/**
 * Begins to answer what no route is to see before Next sees it, which would answer 500. Called once at start, after
 * requests are observed.
 *
 * @param production whether no connection becomes another protocol's: Next has one for that in development, and else
 *   leaves who asks for it without an answer for as long as they like. Node then goes on in HTTP (RFC 9110, section 7.8)
 */
export function refuseEarly({ production }: { production: boolean }): void {
  const isHandled = production ? readRouteHandlers() : null;
  diagnostics.subscribe("http.server.request.start", (message) => {
    const { server } = message as { server: Server };
    if (guarded.has(server)) return;
    guarded.add(server);
    closeWhenIdle(server);
    if (production) server.removeAllListeners("upgrade");
    // The event is emitted right after this message, to Next's listener alone.
    const emit = server.emit;
    server.emit = function (this: Server, event: string, ...given: unknown[]): boolean {
      if (event !== "request") return Reflect.apply(emit, this, [event, ...given]);
      const [request, response] = given as [IncomingMessage, ServerResponse];
      const pass = () => {
        if (hasBody(request)) passBodyThrough(request);
        queueRequest(() => {
          // Nobody hears the answer any more.
          if (response.destroyed || request.socket.destroyed) return false;
          Reflect.apply(emit, this, [event, ...given]);
          return true;
        });
        return true;
      };
      if (hasBody(request)) readAwayBeforeEnd(request, response);
      const isAction = mayBeAction(request, isHandled);
      const fault = findFault(request, isAction);
      if (fault) return refuse(request, response, fault);
      if (!isAction || !hasBody(request)) return pass();
      void judgeBody(request).then(async (found) => {
        if (found) return refuse(request, response, found);
        if (isNavigation(headersOf(request))) explainUnknownAction(response, await replyTo(request, "page_outdated"));
        return pass();
      });
      return true;
    } as typeof emit;
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Next reads a form of several parts with the same parser; what does not parse is a fault of the server to it. */
async function judgeBody(request: IncomingMessage): Promise<BadRequest | null> {
  const body = await peekBody(request, serverActionBytes);
  if (body === null) return { code: "payload_too_large" };
  // No action is without arguments, and there is nothing to put back.
  if (body.length === 0) return { code: "invalid_request" };
  if (!isMultipart(request.headers)) return null;
  try {
    const headers = { "Content-Type": request.headers["content-type"] ?? "" };
    await new Response(new Uint8Array(body), { headers }).formData();
    return null;
  } catch {
    return { code: "invalid_request" };
  }
}

/** As any route of ours refuses: a page that says what happened to a navigation, JSON to anything else. */
function refuse(request: IncomingMessage, response: ServerResponse, { code, status }: BadRequest): boolean {
  void answer(request, response, code, status).catch((error: unknown) => {
    log.warn("request.not_refused", { cause: describeError(error) });
    response.destroy();
  });
  return true;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  code: BadRequest["code"],
  otherStatus: number | undefined,
): Promise<void> {
  const { status, headers, body } = await replyTo(request, code);
  response.writeHead(otherStatus ?? status, {
    ...headers,
    "Content-Length": body.length,
    ...(otherStatus === 405 && { Allow: "GET, HEAD, POST" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function replyTo(request: IncomingMessage, code: ErrorCode): Promise<ReadyReply> {
  const reply = failedReply(new Request("http://refused.invalid", { headers: headersOf(request) }), code);
  return {
    status: reply.status,
    headers: Object.fromEntries(reply.headers),
    body: Buffer.from(await reply.arrayBuffer()),
  };
}

/** Those that tell a navigation from a fetch. */
function headersOf({ headers }: IncomingMessage): Headers {
  const told = new Headers();
  for (const name of ["accept", "sec-fetch-mode", "next-action"]) {
    const value = headers[name];
    if (typeof value === "string") told.set(name, value);
  }
  return told;
}
