import type { OutgoingHttpHeaders } from "node:http";
import { Refusal, Unavailable } from "../tokens/bearer";

/** What is answered, before a fault had its way with it. */
export interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  /** Something iterable is sent as it comes, without Content-Length unless the headers say one. */
  body: Buffer | AsyncIterable<Buffer>;
}

/** A request that is understood and not carried out. */
export class Rejection extends Error {
  override readonly name = "Rejection";

  constructor(
    readonly status: 400 | 404 | 405 | 413 | 416 | 422,
    readonly code:
      | "invalid_request"
      | "not_found"
      | "method_not_allowed"
      | "too_large"
      | "out_of_range"
      | "invalid_input",
    message: string,
    readonly headers: OutgoingHttpHeaders = {},
  ) {
    super(message);
  }
}

/** A JSON answer. What it tells is somebody's own, so nobody keeps it. */
export function json(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** The answer to a request that ended in an error: RFC 6750 §3 for tokens, JSON for all. Unknown errors are thrown on. */
export function answerError(error: unknown): Answer {
  const refuse = (status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}) =>
    json(status, { error: code, error_description: message }, headers);
  if (error instanceof Refusal) {
    const nonce = error.code === "use_dpop_nonce" ? { "dpop-nonce": error.wanted } : {};
    return refuse(error.status, error.code, error.message, { "www-authenticate": error.challenge, ...nonce });
  }
  if (error instanceof Rejection) return refuse(error.status, error.code, error.message, error.headers);
  // Not 401: nothing is wrong with the token, and another one would not help.
  if (error instanceof Unavailable) {
    return refuse(503, "temporarily_unavailable", error.message, { "retry-after": "1" });
  }
  throw error;
}
