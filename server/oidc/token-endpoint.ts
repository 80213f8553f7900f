import "server-only";
import * as openid from "openid-client";
import { log } from "../http/log";
import type { ProviderSettings } from "../settings/providers";
import { isBoundTo, type ProofKey } from "./dpop";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { type AnswerReader, oidcErrorOf, openidClientFor } from "./openid-client";
import { type OutboundAnswer, parseJsonObject } from "./outbound";
import { saidForLog } from "./said";

/** What a token endpoint gave, checked for form alone. Null for what it left out. */
export interface TokenResponse {
  accessToken: string;
  /** Whether it is too long to travel in a header: of a sign-in, where nothing may need it. A refreshed one is unusable then. */
  isTooLong: boolean;
  /** When the access token ends, counted from before it was asked for. */
  expiresAt: Date;
  /** Space-separated; left out, it is what was asked for (RFC 6749, section 5.1). */
  scope: string | null;
  refreshToken: string | null;
  /** When the refresh token ends: some providers say so, in a member of their own. */
  refreshExpiresAt: Date | null;
  idToken: string | null;
  /** Whether the access token is bound to the key that the request proved. */
  isBound: boolean;
  /** What a token exchange gave (RFC 8693, section 2.2.1). */
  issuedTokenType: string | null;
}

export type TokenAnswer =
  | { kind: "tokens"; tokens: TokenResponse }
  /** It said no, and would say so again. `error` is its own code (RFC 6749, section 5.2), or `status_4xx` where it gave none. */
  | { kind: "error"; error: string }
  /** It said yes, with an access token that cannot be used. The refresh token may have been replaced all the same. */
  | ({ kind: "unusable"; detail: string } & Pick<TokenResponse, "refreshToken" | "refreshExpiresAt">);

// A day at most: a provider that promises more can still change its mind earlier. A second at least, or a provider that
// says 0 would be asked at every use.
const longestSeconds = 86_400;
const shortestSeconds = 1;
// RFC 6749 section 5.1 only recommends to say how long.
const unsaidSeconds = 300;
// What servers take in all headers together.
const longestAccessToken = 16_384;
// Whoever says more means "without end".
const longestRefreshSeconds = 10 * 365 * 86_400;

/**
 * Sends a token request (RFC 6749, sections 4.1.3 and 6) with this client's credentials, by `openid-client`.
 *
 * @param parameters the request's own, `grant_type` among them; the credentials are added
 * @param proofKey what the request proves, and the access token has to be bound to (RFC 9449, section 5)
 * @param mustBeBound whether a token that is not is `unusable`; else a bearer token will do
 * @throws OidcError `provider_unavailable` (5xx, 429, no connection; with the seconds of `Retry-After`), `provider_timeout`,
 *   `invalid_response` (no token response at all), `provider_misconfigured` (the client itself was refused)
 */
export async function requestTokens(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  parameters: URLSearchParams,
  proofKey: ProofKey | null = null,
  mustBeBound = true,
): Promise<TokenAnswer> {
  const askedAt = Date.now();
  let document = null as Record<string, unknown> | null;
  // It judges what makes this a token response. The rest is read here: an optional member that is not what it should be
  // must not cost the refresh token that came along, and ID tokens are for our own verification.
  const readTokens = tokenReader((body) => {
    document = body;
    return { access_token: body.access_token, token_type: isNoAccessToken(body) ? "bearer" : body.token_type };
  });
  const read: AnswerReader = (answer) => {
    noteRefusal(provider, answer);
    return readTokens(answer);
  };
  try {
    const client = await openidClientFor(provider, metadata, read);
    const proof = proofKey && { DPoP: await proofKey.handleFor(client, metadata.token_endpoint) };
    await openid.genericGrantRequest(client, parameters.get("grant_type") ?? "", parameters, proof ?? {});
  } catch (error) {
    if (document) return unusable(document, textOrNull(document.access_token) ? "token_type" : "access_token", askedAt);
    const failure = oidcErrorOf(error, provider);
    const isRefusal = failure?.code === "provider_error" && error instanceof openid.ResponseBodyError;
    if (!isRefusal) throw failure ?? error;
    return { kind: "error", error: error.error };
  }
  return parseTokens(document ?? {}, askedAt, {
    isRefresh: parameters.get("grant_type") !== "authorization_code",
    isOpenId: !provider.oauth2,
    thumbprint: proofKey && (await proofKey.thumbprint()),
    mustBeBound,
  });
}

/**
 * Shows `openid-client` what a token endpoint answered: of a success what `shown` makes of its body, of a refusal its code
 * alone, whatever media type or challenge it came with.
 */
export function tokenReader(shown: (body: Record<string, unknown>) => Record<string, unknown>): AnswerReader {
  return (answer) => {
    const { status } = answer;
    if (status === 200) {
      const body = parseJsonObject(answer);
      // GitHub says no with a yes for its status.
      const isRefusal = body.error !== undefined && body.access_token === undefined;
      return isRefusal ? Response.json({ error: errorOf(answer) }, { status: 400 }) : Response.json(shown(body));
    }
    if (status < 400) throw new OidcError("invalid_response", `status_${status}`);
    return refusalOf(answer);
  };
}

/** A refusal (RFC 6749, section 5.2) as `openid-client` is shown it: by its code alone. */
export function refusalOf(answer: OutboundAnswer): Response {
  return Response.json({ error: errorOf(answer) }, { status: answer.status });
}

/** Logs what a refusal says for itself; nothing for another answer, and for one that says nothing. */
export function noteRefusal({ id }: ProviderSettings, answer: OutboundAnswer): void {
  if (answer.status < 400) return;
  try {
    const { error, error_description } = parseJsonObject(answer);
    // What is asked once more at once.
    if (error === "use_dpop_nonce") return;
    const [said, description] = [saidForLog(error), saidForLog(error_description)];
    log.warn("provider.refused", { provider: id, error: said, description });
  } catch {
    // No JSON: it has nothing to say.
  }
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

function parseTokens(
  document: Record<string, unknown>,
  askedAt: number,
  {
    isRefresh,
    isOpenId,
    thumbprint,
    mustBeBound,
  }: { isRefresh: boolean; isOpenId: boolean; thumbprint: string | null; mustBeBound: boolean },
): TokenAnswer {
  const { access_token: accessToken, token_type: type, id_token, expires_in, scope } = document;
  // It travels in a header: RFC 6750, section 2.1.
  if (typeof accessToken !== "string" || !/^[\x21-\x7e]+$/.test(accessToken))
    return unusable(document, "access_token", askedAt);
  const isTooLong = accessToken.length > longestAccessToken;
  if (isTooLong && isRefresh) return unusable(document, "access_token", askedAt);
  const said = isNoAccessToken(document) ? "bearer" : typeof type === "string" ? type.toLowerCase() : "";
  const isBound = thumbprint !== null && (mustBeBound || said === "dpop");
  if (said !== (isBound ? "dpop" : "bearer")) return unusable(document, "token_type", askedAt);
  if (isBound && !isBoundTo(thumbprint, accessToken)) return unusable(document, "cnf", askedAt);
  const lasts = secondsOrNull(expires_in);
  // What is no number of seconds says nothing. A sign-in is refused for it; tokens that somebody lives by are not.
  if (lasts === null && expires_in != null && !isRefresh) return unusable(document, "expires_in", askedAt);
  // GitHub's classic tokens have no end that is said, and nothing to renew them with.
  const isEndless = !isOpenId && !isRefresh && lasts === null && textOrNull(document.refresh_token) === null;
  const lifetime = Math.min(Math.max(lasts ?? unsaidSeconds, shortestSeconds), longestSeconds);
  // What is no list of scopes (RFC 6749, section 3.3) says nothing. PostgreSQL would refuse some of it.
  const isList = typeof scope === "string" && scope.length <= 10_000 && /^[\x20-\x7e]*$/.test(scope);
  const tokens = {
    accessToken,
    isTooLong,
    expiresAt: new Date(askedAt + (isEndless ? longestRefreshSeconds : lifetime) * 1000),
    // Without OpenID Connect, some separate them by commas.
    scope: isList ? (isOpenId ? scope : scope.replaceAll(",", " ")) : null,
    ...refreshTokenIn(document, askedAt),
    idToken: textOrNull(id_token),
    isBound,
    issuedTokenType: textOrNull(document.issued_token_type),
  };
  return { kind: "tokens", tokens };
}

/** RFC 8693 section 2.2.1: what is issued as any JWT is no access token by type. It travels like one all the same. */
function isNoAccessToken({ token_type: type, issued_token_type: issued }: Record<string, unknown>): boolean {
  return type === "N_A" && issued === "urn:ietf:params:oauth:token-type:jwt";
}

function unusable(document: Record<string, unknown>, detail: string, askedAt: number): TokenAnswer {
  return { kind: "unusable", detail, ...refreshTokenIn(document, askedAt) };
}

/** Keycloak calls its life `refresh_expires_in`, where 0 is without end; GitHub and others `refresh_token_expires_in`. */
function refreshTokenIn(document: Record<string, unknown>, askedAt: number) {
  const seconds = secondsOrNull(document.refresh_expires_in) ?? secondsOrNull(document.refresh_token_expires_in) ?? 0;
  const isSaid = seconds > 0 && seconds <= longestRefreshSeconds;
  return {
    refreshToken: textOrNull(document.refresh_token),
    refreshExpiresAt: isSaid ? new Date(askedAt + seconds * 1000) : null,
  };
}

/** A number of seconds, which some providers write as text. */
function secondsOrNull(value: unknown): number | null {
  if (typeof value === "string" && /^-?\d{1,12}(?:\.\d{1,9})?$/.test(value)) return Number(value);
  return typeof value === "number" && !Number.isNaN(value) ? value : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
