import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { describeError, log } from "../http/log";
import type { ProviderSettings } from "../settings/providers";
import type { ProofKey } from "./dpop";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { requestTokens } from "./token-endpoint";

const grantType = "urn:ietf:params:oauth:grant-type:token-exchange";

/** RFC 8693, section 3. */
const tokenTypes = {
  access_token: "urn:ietf:params:oauth:token-type:access_token",
  jwt: "urn:ietf:params:oauth:token-type:jwt",
} as const;

/** What a user's token is exchanged for. */
export interface ExchangeTerms {
  audience?: string;
  resource?: string;
  scopes?: readonly string[];
  requestedTokenType?: keyof typeof tokenTypes;
}

export interface ExchangeRequest {
  /** Whose token endpoint is asked, with this app's client there. */
  provider: ProviderSettings;
  metadata: ProviderMetadata;
  terms: ExchangeTerms;
  subjectToken: string;
  /** A JWT that says who acts; null for none. */
  actorToken: string | null;
  /** What the request proves; null for nothing. */
  proofKey: ProofKey | null;
  /** Whether a token that is not bound to it is refused. */
  mustBeBound: boolean;
}

/** What the provider made of it. */
export type ExchangeOutcome =
  | { kind: "token"; accessToken: string; expiresAt: Date; scope: string; isBound: boolean }
  /** It does not take this subject token (any more): with a newer one it may. */
  | { kind: "stale"; cause: string }
  | { kind: "refused"; code: ErrorCode; cause: string }
  | { kind: "unavailable"; code: ErrorCode; cause: string; retryAfterSeconds: number };

/**
 * Exchanges a user's access token for one that a service takes (RFC 8693, section 2.1). Whatever it says else, a refresh token
 * among that, is left. Never throws.
 */
export async function exchangeToken(request: ExchangeRequest): Promise<ExchangeOutcome> {
  const { provider, metadata, terms, proofKey, mustBeBound } = request;
  const wanted = tokenTypes[terms.requestedTokenType ?? "access_token"];
  try {
    const answer = await requestTokens(provider, metadata, parametersOf(request, wanted), proofKey, mustBeBound);
    if (answer.kind === "error") return judgeError(answer.error);
    if (answer.kind === "unusable") return { kind: "refused", code: "invalid_response", cause: answer.detail };
    const { accessToken, expiresAt, scope, isBound, issuedTokenType } = answer.tokens;
    // Required by section 2.2.1: a server that ignored what this is does not say it, and its token may be for anything.
    if (issuedTokenType !== wanted) return { kind: "refused", code: "invalid_response", cause: "issued_token_type" };
    return { kind: "token", accessToken, expiresAt, scope: scope ?? (terms.scopes ?? []).join(" "), isBound };
  } catch (error) {
    return exchangeFailure(error);
  }
}

function parametersOf({ terms, subjectToken, actorToken }: ExchangeRequest, wanted: string): URLSearchParams {
  const { audience, resource, scopes } = terms;
  return new URLSearchParams({
    grant_type: grantType,
    subject_token: subjectToken,
    subject_token_type: tokenTypes.access_token,
    requested_token_type: wanted,
    ...(audience !== undefined && { audience }),
    ...(resource !== undefined && { resource }),
    ...(scopes && { scope: scopes.join(" ") }),
    ...(actorToken !== null && { actor_token: actorToken, actor_token_type: tokenTypes.jwt }),
  });
}

function judgeError(error: string): ExchangeOutcome {
  switch (error) {
    // RFC 8693 section 2.2.2 has `invalid_request` for a subject token that is not taken; others say the rest.
    case "invalid_request":
    case "invalid_grant":
    case "invalid_token":
      return { kind: "stale", cause: error };
    case "invalid_target":
      return { kind: "refused", code: "unknown_resource", cause: error };
    case "invalid_scope":
    case "insufficient_scope":
    case "access_denied":
      return { kind: "refused", code: "forbidden", cause: error };
    case "interaction_required":
    case "login_required":
    case "consent_required":
    case "mfa_required":
      return { kind: "refused", code: "reauthentication_required", cause: error };
    case "temporarily_unavailable":
    case "server_error":
      return { kind: "unavailable", code: "provider_unavailable", cause: error, retryAfterSeconds: 1 };
    default:
      if (error.startsWith("status_"))
        return { kind: "unavailable", code: "provider_unavailable", cause: error, retryAfterSeconds: 1 };
      return { kind: "refused", code: "provider_error", cause: error };
  }
}

/** What is to be said of a request that brought no answer of the token endpoint's own. */
export function exchangeFailure(error: unknown): Exclude<ExchangeOutcome, { kind: "token" }> {
  if (!(error instanceof OidcError)) {
    log.error("token.not_exchanged", { cause: describeError(error) });
    return { kind: "unavailable", code: "internal_error", cause: "internal", retryAfterSeconds: 1 };
  }
  const { code, detail: cause, retryAfterSeconds } = error;
  if (code === "provider_misconfigured" || code === "invalid_response") return { kind: "refused", code, cause };
  const told = code === "provider_timeout" ? code : "provider_unavailable";
  return { kind: "unavailable", code: told, cause, retryAfterSeconds: retryAfterSeconds ?? 1 };
}
