import "server-only";
import { log } from "../http/log";
import type { ProviderSettings } from "../provider-settings";
import { authenticateClient } from "./client-authentication";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { fetchOutbound, type OutboundAnswer, parseJsonObject } from "./outbound";

/** What a token endpoint gave, checked for form alone. Null for what it left out. */
export interface TokenResponse {
  accessToken: string;
  /** When the access token ends, counted from before it was asked for. */
  expiresAt: Date;
  /** Space-separated; left out, it is what was asked for (RFC 6749, section 5.1). */
  scope: string | null;
  refreshToken: string | null;
  idToken: string | null;
}

export type TokenAnswer =
  | { kind: "tokens"; tokens: TokenResponse }
  /** It said no, and would say so again. `error` is its own code (RFC 6749, section 5.2), or `status_4xx` where it gave none. */
  | { kind: "error"; error: string }
  /** It said yes, with an access token that cannot be used. The refresh token may have been replaced all the same. */
  | { kind: "unusable"; detail: string; refreshToken: string | null };

// A day at most: a provider that promises more can still change its mind earlier. A second at least, or a provider that
// says 0 would be asked at every use.
const longestSeconds = 86_400;
const shortestSeconds = 1;
// RFC 6749 section 5.1 only recommends to say how long.
const unsaidSeconds = 300;

/**
 * Sends a token request (RFC 6749, sections 4.1.3 and 6) with this client's credentials.
 *
 * @param parameters the request's own; the credentials are added
 * @throws OidcError `provider_unavailable` (5xx, 429, no connection; with the seconds of `Retry-After`), `provider_timeout`,
 *   `invalid_response` (no token response at all), `provider_misconfigured` (the client itself was refused)
 */
export async function requestTokens(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  parameters: URLSearchParams,
): Promise<TokenAnswer> {
  const headers = new Headers({ Accept: "application/json" });
  const body = new URLSearchParams(parameters);
  authenticateClient(provider, metadata, headers, body);
  const askedAt = Date.now();
  const answer = await fetchOutbound(metadata.token_endpoint, { method: "POST", headers, body });
  if (answer.status === 200) return parseTokens(parseJsonObject(answer), askedAt);
  if (answer.status >= 500 || answer.status === 429) {
    throw new OidcError("provider_unavailable", `status_${answer.status}`, {
      retryAfterSeconds: retryAfter(answer.headers, askedAt),
    });
  }
  if (answer.status < 400) throw new OidcError("invalid_response", `status_${answer.status}`);
  const error = errorOf(answer);
  if (error === "invalid_client" || error === "unauthorized_client") {
    // No person can mend this: the operator has to hear of it.
    log.error("provider.client_refused", { provider: provider.id, cause: error });
    throw new OidcError("provider_misconfigured", error);
  }
  return { kind: "error", error };
}

const passing: ReadonlySet<unknown> = new Set([
  "basic_action",
  "additional_action",
  "message_only",
  "consent_required",
]);

function errorOf(answer: OutboundAnswer): string {
  const fallback = `status_${answer.status}`;
  try {
    const { error, suberror } = parseJsonObject(answer);
    // Entra says so of one resource that wants something of the person. The refresh token is as good as before.
    if (error === "invalid_grant" && passing.has(suberror)) return "interaction_required";
    return typeof error === "string" && /^[a-z_]{1,40}$/.test(error) ? error : fallback;
  } catch {
    return fallback;
  }
}

function parseTokens(document: Record<string, unknown>, askedAt: number): TokenAnswer {
  const { access_token: accessToken, token_type: type, id_token, refresh_token, expires_in, scope } = document;
  const refreshToken = textOrNull(refresh_token);
  // It travels in a header: RFC 6750, section 2.1.
  if (typeof accessToken !== "string" || !/^[\x21-\x7e]{1,16384}$/.test(accessToken))
    return { kind: "unusable", detail: "access_token", refreshToken };
  if (typeof type !== "string" || type.toLowerCase() !== "bearer")
    return { kind: "unusable", detail: "token_type", refreshToken };
  const seconds = Number(expires_in ?? unsaidSeconds);
  if (Number.isNaN(seconds)) return { kind: "unusable", detail: "expires_in", refreshToken };
  const tokens = {
    accessToken,
    expiresAt: new Date(askedAt + Math.min(Math.max(seconds, shortestSeconds), longestSeconds) * 1000),
    // What is no list of scopes (RFC 6749, section 3.3) says nothing. PostgreSQL would refuse some of it.
    scope: typeof scope === "string" && /^[\x20-\x7e]{0,10000}$/.test(scope) ? scope : null,
    refreshToken,
    idToken: textOrNull(id_token),
  };
  return { kind: "tokens", tokens };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Seconds from now, from either form of the header (RFC 9110, section 10.2.3); null where it says nothing of use. */
function retryAfter(headers: Headers, now: number): number | null {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const at = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}
