import "server-only";
import daemun from "@/daemun.config";
import { metadataAddressOf, type SentToken } from "@/edge/access-token";
import type { ErrorCode } from "@/edge/error-codes";
import { tokenGateAt } from "@/edge/gate";
import { errorJson, type Retry } from "../../../http/error-reply";
import { proofAlgorithms } from "../../../oidc/request-proof";
import { env } from "../../../settings/env";

/** Why a caller is refused, in the words of RFC 6750, section 3.1, and RFC 9449, section 12.2. */
export type TokenError = "invalid_request" | "invalid_token" | "insufficient_scope" | "invalid_dpop_proof";

const codes = {
  invalid_request: "invalid_request",
  invalid_token: "not_authenticated",
  invalid_dpop_proof: "not_authenticated",
  insufficient_scope: "forbidden",
} as const satisfies Record<TokenError, ErrorCode>;

// For whoever reads the body of an answer to a program: the texts of pages speak to people in front of one.
const messages: Readonly<Record<TokenError | "none", string>> = {
  none: "This takes an access token, or a session.",
  invalid_request: "The access token could not be read, or came twice or beside a session. Nothing was changed.",
  invalid_token: "This access token is not accepted here.",
  invalid_dpop_proof: "The proof of this access token is not accepted here.",
  insufficient_scope: "This access token lacks a scope.",
};

/**
 * The answer to an access token that will not do: 401, 403 or 400 with `WWW-Authenticate`. It says which of these it is, and
 * never why: that is in the log.
 *
 * @param path that was asked for
 */
export function refuseToken(
  path: string,
  error: TokenError,
  { scheme, scopes = [] }: { scheme: SentToken["scheme"]; scopes?: readonly string[] },
): Response {
  return challenged(errorJson(codes[error], {}, { message: messages[error] }), path, scheme, {
    error,
    ...(error === "insufficient_scope" && { scope: scopes.join(" ") }),
  });
}

/** The answer to who brings neither a session nor a token: 401, and where to learn how to get one. */
export function refuseStranger(path: string, code: ErrorCode, retry: Retry = {}): Response {
  const response = errorJson(code, retry, code === "not_authenticated" ? { message: messages.none } : {});
  // RFC 6750, section 3.1: who sent nothing made no error.
  return response.status === 401 ? challenged(response, path, "Bearer", {}) : response;
}

function challenged(
  response: Response,
  path: string,
  scheme: SentToken["scheme"],
  said: Readonly<Record<string, string>>,
): Response {
  const gate = tokenGateAt(daemun.gates, path);
  const parameters = Object.entries({
    ...said,
    ...(scheme === "DPoP" && { algs: proofAlgorithms.join(" ") }),
    ...(gate && { resource_metadata: metadataAddressOf(env().authUrl, gate) }),
  }).map(([name, value]) => `${name}="${value.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "")}"`);
  response.headers.set("WWW-Authenticate", [scheme, parameters.join(", ")].join(" ").trim());
  return response;
}
