import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { describeError, log } from "../http/log";
import { checkAudience, refreshParameters, scopesOf, type TokenTarget } from "../oidc/dialects";
import { OidcError } from "../oidc/errors";
import { type IdTokenClaims, verifyIdToken } from "../oidc/id-token";
import type { ProviderMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import { requestTokens, type TokenResponse } from "../oidc/token-endpoint";
import type { ProviderSettings } from "../provider-settings";
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
  /** Not now. Nobody knows whether the refresh token was used up. */
  | { kind: "unavailable"; code: ErrorCode; cause: string; retryAfterSeconds: number }
  /** It names another person. What came is theirs, and only to be given back. */
  | { kind: "switched"; refreshToken: string; cause: string };

export interface RefreshRequest {
  provider: ProviderSettings;
  metadata: ProviderMetadata;
  /** Whom a new ID token has to name; null where none is heeded. */
  subject: string | null;
  refreshToken: string;
  target: TokenTarget;
  /** What the grant has: counts where the answer does not say what it gives (RFC 6749, section 5.1). */
  grantScope: string;
}

/** Asks the provider for the token of a target with a refresh token (RFC 6749, section 6), and verifies what comes. Never throws. */
export async function refresh(request: RefreshRequest): Promise<RefreshOutcome> {
  const { provider, metadata, refreshToken, target } = request;
  try {
    const parameters = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
    for (const [name, value] of refreshParameters(provider, target)) parameters.append(name, value);
    const answer = await requestTokens(provider, metadata, parameters);
    if (answer.kind === "error") return judgeError(answer.error, target);
    // RFC 6749 section 6: an answer may leave the refresh token out, and then the one that was sent stays valid.
    const next = answer.kind === "tokens" ? answer.tokens.refreshToken : answer.refreshToken;
    const kept = { refreshToken: next ?? refreshToken, idToken: null, grantScope: null, person: null, token: null };
    if (answer.kind === "unusable")
      return { kind: "unusable", renewal: kept, code: "invalid_response", cause: answer.detail };
    return await judgeTokens(request, answer.tokens, kept);
  } catch (error) {
    return failed(error);
  }
}

function judgeError(error: string, { organization }: TokenTarget): RefreshOutcome {
  switch (error) {
    case "invalid_grant":
      return { kind: "rejected", cause: error };
    case "invalid_target":
      return { kind: "refused", code: organization === "" ? "unknown_resource" : "unknown_organization", cause: error };
    case "invalid_scope":
    case "insufficient_scope":
    case "access_denied":
      return { kind: "refused", code: "forbidden", cause: error };
    // The person has to do something at the provider (OpenID Connect Core 1.0, section 3.1.2.6; Auth0 adds the last).
    case "interaction_required":
    case "login_required":
    case "consent_required":
    case "mfa_required":
      return { kind: "refused", code: "reauthentication_required", cause: error };
    // What passes: its own word for it, or the answer of something that stands in front of it.
    case "temporarily_unavailable":
    case "server_error":
      return away(error);
    default:
      if (error.startsWith("status_")) return away(error);
      return { kind: "refused", code: "provider_error", cause: error };
  }
}

// Of the time that a lease leaves: keys are fetched at most once by all who wait for them, and are known the next time.
const verifyingMs = 800;

async function judgeTokens(
  { provider, metadata, subject, target, grantScope }: RefreshRequest,
  tokens: TokenResponse,
  kept: Renewal & { token: null },
): Promise<RefreshOutcome> {
  try {
    const isNamed = tokens.idToken !== null && subject !== null;
    const verify = () => verifyRefreshed(provider, metadata, tokens, subject ?? "");
    const idToken = isNamed ? await withDeadline(verifyingMs, verify) : null;
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
    const isOther = error.code === "identity_mismatch" || (error.code === "id_token_invalid" && error.detail === "iss");
    if (isOther) return { kind: "switched", refreshToken: kept.refreshToken, cause: error.detail };
    return { kind: "unusable", renewal: kept, code: error.code, cause: error.detail };
  }
}

/** OpenID Connect Core 1.0, section 12.2: same issuer, same subject, same client; a nonce is not needed. */
function verifyRefreshed(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { idToken, accessToken }: TokenResponse,
  subject: string,
): Promise<IdTokenClaims> {
  return verifyIdToken(idToken ?? "", provider, metadata, { nonce: null, accessToken, subject });
}

const awaySeconds = 1;

function away(cause: string): RefreshOutcome {
  return { kind: "unavailable", code: "provider_unavailable", cause, retryAfterSeconds: awaySeconds };
}

/** What is to be said of a request that brought no answer of the token endpoint's own. */
export function failed(error: unknown): RefreshOutcome {
  if (!(error instanceof OidcError)) {
    log.error("token.not_refreshed", { cause: describeError(error) });
    return { kind: "unavailable", code: "internal_error", cause: "internal", retryAfterSeconds: awaySeconds };
  }
  const { code, detail: cause } = error;
  if (code === "provider_misconfigured") return { kind: "refused", code, cause };
  // An answer that is no token response at all may come from whatever stands in front of the provider: it may pass.
  const told = code === "provider_timeout" ? code : "provider_unavailable";
  return { kind: "unavailable", code: told, cause, retryAfterSeconds: error.retryAfterSeconds ?? awaySeconds };
}
