import "server-only";
import { type ErrorCode, errorStatus, programMessages } from "@/edge/error-codes";
import { isNavigation } from "@/edge/request-kind";
import messages from "@/messages/en.json";
import { getRequestContext } from "./request-context";

const defaultRetrySeconds: Partial<Record<ErrorCode, number>> = {
  database_unavailable: 5,
  overloaded: 5,
  logout_incomplete: 5,
  provider_unavailable: 10,
  provider_timeout: 10,
  rate_limited: 60,
};

/** When trying again makes sense, where that is known better than by the code alone. */
export interface Retry {
  retryAfterSeconds?: number;
}

export interface Failure extends Retry {
  code: ErrorCode;
}

/** The value of `Retry-After`, in whole seconds (RFC 9110, section 10.2.3), or null where trying again changes nothing. */
function retryAfterOf(code: ErrorCode, { retryAfterSeconds = defaultRetrySeconds[code] }: Retry): string | null {
  return retryAfterSeconds === undefined ? null : String(Math.max(1, Math.ceil(retryAfterSeconds)));
}

/**
 * The one JSON form of errors: `{"error", "message", "request_id"}`, never cached.
 *
 * @param more members besides, for a code that has something to say: where a service is connected, say; a `message` of its own
 */
export function errorJson(code: ErrorCode, retry: Retry = {}, more: Readonly<Record<string, string>> = {}): Response {
  const retryAfter = retryAfterOf(code, retry);
  const message = programMessages[code] ?? messages.errors[code].body;
  return Response.json(
    { error: code, message, request_id: getRequestContext()?.requestId ?? null, ...more },
    {
      status: errorStatus[code],
      headers: { "Cache-Control": "private, no-store", ...(retryAfter && { "Retry-After": retryAfter }) },
    },
  );
}

/** The same for what somebody else was asked for, and could not be had. */
export function failureJson({ code, ...retry }: Failure): Response {
  return errorJson(code, retry);
}

/**
 * An error at the HTTP boundary: JSON for a fetch; for a person's navigation the page that says what happened and what to
 * do, which reflects nothing but the code and the request id.
 */
export function errorReply(request: Request, code: ErrorCode): Response {
  return isNavigation(request.headers) ? redirectTo(explanationOf(code)) : errorJson(code);
}

/**
 * The same for what a person asked for and did not get: the status says so to whoever reads only that, where a redirect
 * would look like success. The browser goes on to the page by itself; but in place of a failure without a body Chromium
 * shows one of its own, and stays there.
 */
export function failedReply(request: Request, code: ErrorCode, retry: Retry = {}): Response {
  if (!isNavigation(request.headers)) return errorJson(code, retry);
  const location = explanationOf(code);
  const retryAfter = retryAfterOf(code, retry);
  const { title, body } = messages.errors[code];
  const link = `<a href="${location.replaceAll("&", "&amp;")}">${title}</a>`;
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><p>${link}. ${body}</p></html>`;
  const headers = {
    "Cache-Control": "private, no-store",
    "Content-Type": "text/html; charset=utf-8",
    Refresh: `0; url=${location}`,
    ...(retryAfter && { "Retry-After": retryAfter }),
  };
  return new Response(page, { status: errorStatus[code], headers });
}

/** The page that says what happened. */
function explanationOf(code: ErrorCode): string {
  const query = new URLSearchParams({ code });
  const requestId = getRequestContext()?.requestId;
  if (requestId) query.set("ref", requestId);
  return `/auth-error?${query}`;
}

/** A redirect within the app after a form or a callback: 303, so that nothing is posted twice. Never cached. */
export function redirectTo(path: string): Response {
  return new Response(null, { status: 303, headers: { Location: path, "Cache-Control": "private, no-store" } });
}

/** There is no such route, or it takes another method: told as a bad request, with the status that says which. */
export function shut(status: 404 | 405, headers: Record<string, string> = {}): Response {
  const { body, headers: common } = errorJson("invalid_request");
  return new Response(body, { status, headers: { ...Object.fromEntries(common), ...headers } });
}
