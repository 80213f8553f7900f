import "server-only";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { parseAndValidateFlightRouterState } from "next/dist/server/app-render/parse-and-validate-flight-router-state";
import type { ErrorCode } from "@/edge/error-codes";

/** Why no route is to see a request. */
export interface BadRequest {
  code: Extract<ErrorCode, "invalid_request" | "csrf_rejected" | "payload_too_large">;
  /** Where that is not the status of the code. */
  status?: 405;
}

const invalid: BadRequest = { code: "invalid_request" };

/**
 * What is wrong with a request, by its head alone, that Next would answer with 500, or as two readers could read it
 * differently; null for nothing.
 *
 * @param isAction what `mayBeAction` says of it
 *
 * Source: RFC 9112, section 3.2 (one `Host`; targets in origin form); RFC 3986, section 2.1.
 */
export function findFault(request: IncomingMessage, isAction: boolean): BadRequest | null {
  const { method, url: target = "", headers } = request;
  if (method === "TRACE") return { ...invalid, status: 405 };
  if (!isReadable(target) || countHosts(request) > 1) return invalid;
  // Nothing here speaks it, and an answer in HTTP would be read as that of a service behind the proxy.
  if (headers.upgrade?.toLowerCase() === "websocket") return invalid;
  if (isProxied(target)) return null;
  if (!isRouterState(headers["next-router-state-tree"])) return invalid;
  return isAction ? judgeOrigin(headers) : null;
}

/**
 * Whether Next would look for a server action in it: what it cannot read there is a fault of the server to it.
 *
 * @param isHandled which paths route handlers answer, whose bodies are theirs alone; null where that is not known
 */
export function mayBeAction(
  { method, url = "", headers }: IncomingMessage,
  isHandled: ((path: string) => boolean) | null,
): boolean {
  if (method !== "POST" || isHandled === null) return false;
  return (headers["next-action"] !== undefined || isMultipart(headers)) && !isHandled(url.split("?", 1)[0] ?? "");
}

export function isMultipart(headers: IncomingHttpHeaders): boolean {
  return headers["content-type"]?.toLowerCase().startsWith("multipart/form-data") ?? false;
}

// The proxy judges its requests by itself.
function isProxied(target: string): boolean {
  return target.startsWith("/api/services/");
}

/** In origin form, and decodable. What stands for the whole server or for another one (sections 3.2.2 and 3.2.4) has no route here. */
function isReadable(target: string): boolean {
  if (!target.startsWith("/")) return false;
  try {
    return decodeURIComponent(target.split("?", 1)[0] ?? "") !== "";
  } catch {
    return false;
  }
}

/** Node keeps the first; what stands in front of it may have routed by the last. */
function countHosts({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host").length;
}

function isRouterState(header: string | string[] | undefined): boolean {
  if (header === undefined) return true;
  try {
    parseAndValidateFlightRouterState(header);
    return true;
  } catch {
    return false;
  }
}

/**
 * Next holds the `Origin` of an action against `X-Forwarded-Host`, which anybody can send, and answers 500 where they
 * differ. What comes from the very host that was asked is ours, whatever else was sent.
 */
function judgeOrigin(headers: IncomingHttpHeaders): BadRequest | null {
  const { origin, host } = headers;
  if (origin === undefined) return null;
  if (origin !== "null" && !URL.canParse(origin)) return invalid;
  const from = origin === "null" ? "null" : new URL(origin).host;
  if (from === host) {
    delete headers["x-forwarded-host"];
    return null;
  }
  const forwarded = [headers["x-forwarded-host"] ?? []].flat().join(",").split(",", 1)[0]?.trim();
  return from === forwarded ? null : { code: "csrf_rejected" };
}
