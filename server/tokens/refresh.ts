import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { describeError, log } from "../http/log";
import { checkAudience, readAccessTokenClaims, refreshParameters, scopesOf, type TokenTarget } from "../oidc/dialects";
import type { ProofKey } from "../oidc/dpop";
import { OidcError } from "../oidc/errors";
import { type IdTokenClaims, verifyIdToken } from "../oidc/id-token";
import type { ProviderMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import { requestTokens, type TokenResponse } from "../oidc/token-endpoint";
import type { ProviderSettings } from "../settings/providers";
import type { Renewal } from "./store";

/** What the provider made of a refresh token. */
export type RefreshOutcome =
  | { kind: "renewed"; renewal: Renewal & { token: object }; idToken: IdTokenClaims | null }
  /** It was replaced, but what came with it cannot be used. */
  | { kind: "unusable"; renewal: Renewal; code: ErrorCode; cause: string }
  /** The grant is over. */
  | { kind: "rejected"; cause: string }
  /** Not for this target. The refresh token is as good as before. */
  | { kind: "refused"; code: ErrorCode; cause: string }
  /** Not now. `isUnanswered`: the refresh token may have been used up, by a request whose answer was lost. */
  | { kind: "unavailable"; code: ErrorCode; cause: string; retryAfterSeconds: number; isUnanswered: boolean }
  /** It names another person. What came is theirs, and only to be given back. */
  | { kind: "switched"; refreshToken: string; cause: string };

export interface RefreshRequest {
  provider: ProviderSettings;
  metadata: ProviderMetadata;
  /** Who issued what is kept: a provider of many tenants has an issuer for each. */
  issuer: string;
  /** Whom a new ID token has to name; null where none is heeded. */
  subject: string | null;
  refreshToken: string;
  target: TokenTarget;
  /** What the grant has: counts where the answer does not say what it gives (RFC 6749, section 5.1). */
  grantScope: string;
  /** What the request proves; null for nothing. */
  proofKey: ProofKey | null;
  /** Whether the access token has to be bound to that key. */
  mustBeBound: boolean;
}

/** Asks the provider for the token of a target with a refresh token (RFC 6749, section 6), and verifies what comes. Never throws. */
export async function refresh(request: RefreshRequest): Promise<RefreshOutcome> {
  const { provider, metadata, refreshToken, target, proofKey, mustBeBound } = request;
  try {
    const parameters = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
    for (const [name, value] of refreshParameters(provider, target, request.grantScope)) parameters.append(name, value);
    const answer = await requestTokens(provider, metadata, parameters, proofKey, mustBeBound);
    if (answer.kind === "error") return judgeError(answer.error, request);
    // RFC 6749 section 6: an answer may leave the refresh token out, and then the one that was sent stays valid.
    const next = answer.kind === "tokens" ? answer.tokens.refreshToken : answer.refreshToken;
    const { refreshExpiresAt } = answer.kind === "tokens" ? answer.tokens : answer;
    const base = { idToken: null, grantScope: null, user: null, token: null, proofKey };
    const kept = { ...base, refreshToken: next ?? refreshToken, refreshExpiresAt };
    if (answer.kind === "unusable")
      return { kind: "unusable", renewal: kept, code: "invalid_response", cause: answer.detail };
    return await judgeTokens(request, answer.tokens, { ...kept, proofKey: answer.tokens.isBound ? proofKey : null });
  } catch (error) {
    return failed(error, { wasSent: true });
  }
}

function judgeError(error: string, { target: { resource, organization, scope } }: RefreshRequest): RefreshOutcome {
  const isForAll = resource === "" && organization === "" && scope === "";
  switch (error) {
    case "invalid_grant":
    // GitHub's word for it.
    case "bad_refresh_token":
      return { kind: "rejected", cause: error };
    case "invalid_target":
      return { kind: "refused", code: organization === "" ? "unknown_resource" : "unknown_organization", cause: error };
    case "invalid_scope":
    case "insufficient_scope":
      return { kind: "refused", code: "forbidden", cause: error };
    case "access_denied":
      // Denied for nothing in particular, the user is: Auth0 says so of one who is blocked.
      if (isForAll) return { kind: "rejected", cause: error };
      return { kind: "refused", code: "forbidden", cause: error };
    // The person has to do something at the provider (OpenID Connect Core 1.0, section 3.1.2.6; Auth0 adds the last).
    case "interaction_required":
    case "login_required":
    case "consent_required":
    case "mfa_required":
      return { kind: "refused", code: "reauthentication_required", cause: error };
    // What passes: its own word for it, or the answer of something that stands in front of it.
    case "temporarily_unavailable":
      return away(error, { isUnanswered: false });
    case "server_error":
      return away(error, { isUnanswered: true });
    default:
      if (error.startsWith("status_")) return away(error, { isUnanswered: false });
      return { kind: "refused", code: "provider_error", cause: error };
  }
}

// Of the time that a lease leaves, milliseconds: keys are fetched at most once by all who wait for them, and are known the next time.
export const verifyingMs = 800;

async function judgeTokens(
  { provider, metadata, issuer, subject, target, grantScope }: RefreshRequest,
  tokens: TokenResponse,
  kept: Renewal & { token: null },
): Promise<RefreshOutcome> {
  try {
    const isNamed = tokens.idToken !== null && subject !== null && !provider.oauth2;
    const idToken = isNamed
      ? await readRefreshed(provider, metadata, tokens, { issuer, subject: subject ?? "" })
      : null;
    checkAudience(provider, target, tokens.accessToken);
    const isForUserInfo = target.resource === "" && target.organization === "";
    const { accessToken, expiresAt } = tokens;
    // Asked for less, it says less; that narrows this token and not the grant.
    const narrowed = isForUserInfo && target.scope === "" ? tokens.scope : null;
    const all = isForUserInfo ? grantScope : scopesOf(provider, target).join(" ");
    const asked = target.scope === "" ? all : target.scope;
    const renewal = {
      ...kept,
      idToken: idToken && tokens.idToken,
      grantScope: narrowed,
      token: { target, accessToken, expiresAt, scope: tokens.scope ?? asked },
    };
    return { kind: "renewed", renewal, idToken };
  } catch (error) {
    // The refresh token that came is kept, whatever became of the rest.
    if (!(error instanceof OidcError)) {
      log.error("token.not_judged", { cause: describeError(error) });
      return { kind: "unusable", renewal: kept, code: "internal_error", cause: "internal" };
    }
    if (error.code === "identity_mismatch" || error.reason === "other_issuer")
      return { kind: "switched", refreshToken: kept.refreshToken, cause: error.detail };
    return { kind: "unusable", renewal: kept, code: error.code, cause: error.detail };
  }
}

/**
 * The ID token that came with a refresh, verified: same issuer, same subject, same client; a nonce is not needed. Nobody has to
 * send one: null for one that proves nothing, whose claims are not taken, as long as it names nobody else.
 *
 * Source: OpenID Connect Core 1.0, section 12.2.
 * @throws OidcError `identity_mismatch`, or with the reason `other_issuer`
 */
async function readRefreshed(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { idToken, accessToken }: TokenResponse,
  { issuer, subject }: { issuer: string; subject: string },
): Promise<IdTokenClaims | null> {
  const text = idToken ?? "";
  const expected = { nonce: null, accessToken, issuer, subject };
  try {
    return await withDeadline(verifyingMs, () => verifyIdToken(text, provider, metadata, expected));
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    if (error.code === "identity_mismatch" || error.reason === "other_issuer") throw error;
    const { iss = issuer, sub = subject } = readAccessTokenClaims(text) ?? {};
    if (sub !== subject) throw new OidcError("identity_mismatch", "sub", { cause: error });
    if (iss !== issuer) throw new OidcError("id_token_invalid", "iss", { cause: error, reason: "other_issuer" });
    log.warn("token.id_token_ignored", { provider: provider.id, cause: describeError(error) });
    return null;
  }
}

const awaySeconds = 1;

function away(cause: string, { isUnanswered }: { isUnanswered: boolean }): RefreshOutcome {
  return { kind: "unavailable", code: "provider_unavailable", cause, retryAfterSeconds: awaySeconds, isUnanswered };
}

/**
 * What is to be said of a request that brought no answer of the token endpoint's own.
 *
 * @param wasSent whether the refresh token may have gone out
 */
export function failed(error: unknown, { wasSent }: { wasSent: boolean }): RefreshOutcome {
  const later = { kind: "unavailable", retryAfterSeconds: awaySeconds } as const;
  if (!(error instanceof OidcError)) {
    log.error("token.not_refreshed", { cause: describeError(error) });
    return { ...later, code: "internal_error", cause: "internal", isUnanswered: wasSent };
  }
  const { code, detail: cause, reason } = error;
  if (code === "provider_misconfigured") return { kind: "refused", code, cause };
  // An answer that is no token response at all may come from whatever stands in front of the provider: it may pass.
  const told = code === "provider_timeout" ? code : "provider_unavailable";
  const isUnanswered = wasSent && reason !== "not_connected" && reason !== "busy";
  return { ...later, code: told, cause, retryAfterSeconds: error.retryAfterSeconds ?? awaySeconds, isUnanswered };
}
