import "server-only";
import type { ErrorCode } from "@/edge/error-codes";

/** What went wrong: the app's own word, and a short one for the log. */
export interface AnswerFailure {
  code: ErrorCode;
  cause: string;
}

/** What the browser brought back from the authorization endpoint, judged by form alone. */
export type AuthorizationAnswer =
  | { kind: "code"; code: string; state: string; iss: string | null }
  /** The provider says no (RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6). */
  | {
      kind: "error";
      error: string;
      description: string | null;
      failure: AnswerFailure;
      state: string;
      iss: string | null;
    }
  | { kind: "failure"; failure: AnswerFailure };

// These belong into the token endpoint's answer. In the front channel they are somebody else's doing.
const injected = ["id_token", "access_token", "token_type", "expires_in", "refresh_token", "response"];

/** Judges an authorization response's parameters, each of which is known to come once. */
export function parseAuthorizationAnswer(parameters: ReadonlyMap<string, string>): AuthorizationAnswer {
  if (injected.some((name) => parameters.has(name))) return failure("invalid_response", "front_channel");
  const state = parameters.get("state");
  if (!state || state.length > 2048) return failure("state_mismatch", "no_state");
  const iss = parameters.get("iss") ?? null;
  const error = parameters.get("error");
  const description = parameters.get("error_description") ?? null;
  if (error !== undefined) return { kind: "error", error, description, failure: failureOf(error), state, iss };
  const code = parameters.get("code");
  if (!code) return failure("invalid_response", "no_code");
  if (code.length > 4096) return failure("invalid_request", "code_length");
  return { kind: "code", code, state, iss };
}

function failureOf(error: string): AnswerFailure {
  const cause = /^[a-z_]{1,40}$/.test(error) ? error : "unnamed_error";
  if (error === "access_denied") return { code: "sign_in_cancelled", cause };
  if (error === "temporarily_unavailable" || error === "server_error") return { code: "provider_unavailable", cause };
  return { code: "provider_error", cause };
}

function failure(code: ErrorCode, cause: string): AuthorizationAnswer {
  return { kind: "failure", failure: { code, cause } };
}
