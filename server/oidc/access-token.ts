import "server-only";
import { decodeJwt, type JWTPayload } from "jose";
import { idTokenAlgSchema } from "@/edge/provider-schema";
import { env } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { isText, type Judging, verifySignature } from "./signed-token";

/** What an access token says that an API client sent, once its provider has vouched for it. */
export interface AccessTokenClaims {
  issuer: string;
  /** The user; for a client that acts for itself, the client (RFC 9068, section 2.2). */
  subject: string;
  /** The client that the token was given to; null where the provider does not say. */
  clientId: string | null;
  scopes: readonly string[];
  expiresAt: Date;
  /** The thumbprint of the key that it is bound to (RFC 9449, section 6.1); null for a bearer token. */
  boundTo: string | null;
  claims: Readonly<Record<string, unknown>>;
}

// What travels in one header of one request. Those of providers in use stay below half of it.
const longestToken = 8 * 1024;

/** Whether text is longer than any access token that is looked at. */
export function isTooLong(token: string): boolean {
  return token.length > longestToken;
}

/**
 * The issuer that a JWT names, to know by whose keys to verify it; null for what is no JWT. Nothing else in it is read before,
 * and no key or address that its header names ever is.
 */
export function issuerIn(token: string): string | null {
  try {
    const { iss } = decodeJwt(token);
    return isText(iss) ? iss : null;
  } catch {
    return null;
  }
}

/**
 * Verifies a JWT access token that anybody sent: signature by the provider's keys, an asymmetric `alg`, `iss`, `aud`, `exp`,
 * `nbf`, then `typ`, `iat`, `sub`, and that it is no other token of the same keys.
 *
 * Source: RFC 9068, section 4; RFC 8725, sections 3.1, 3.11 and 3.12.
 * @param audience what has to be among its `aud`
 * @throws OidcError `invalid_request`, `clock_skew`, or what fetching the keys gave
 */
export async function verifyAccessToken(
  token: string,
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  audience: string,
  { now = new Date(), settings = env(), ...judging }: Judging = {},
): Promise<AccessTokenClaims> {
  const { requireTyp } = provider.accessTokens;
  const { payload, protectedHeader } = await verifySignature(token, provider, metadata, {
    requiredClaims: ["iss", "aud", "exp", "iat", "sub", ...(requireTyp ? ["client_id", "jti"] : [])],
    code: "invalid_request",
    origin: "anybody",
    audience,
    // Metadata says which ones ID tokens have, and nothing of these.
    algorithms: idTokenAlgSchema.options,
    ...{ ...judging, now, settings },
  });
  if (requireTyp) checkType(protectedHeader.typ);
  else checkNoOtherToken(protectedHeader.typ, payload, provider);
  return accessTokenClaims(payload, { now, toleranceSeconds: settings.clockToleranceSeconds });
}

/** RFC 9068, section 4: a media type, compared without case, whose `application/` may be left out. */
function checkType(typ: unknown): void {
  if (mediaTypeOf(typ) !== "at+jwt") throw invalid("typ");
}

function mediaTypeOf(typ: unknown): string | null {
  return typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : null;
}

const otherTypes: ReadonlySet<unknown> = new Set(["id", "refresh", "offline", "logout", "id_token", "refresh_token"]);

/**
 * Of a provider that does not type its tokens: an ID token is for the client, never for an API, and has claims that no access
 * token has; others say what they are in a claim (Keycloak's `typ`, Cognito's `token_use`).
 */
function checkNoOtherToken(typ: unknown, payload: JWTPayload, { clientId }: ProviderSettings): void {
  if (typ !== undefined && !["jwt", "at+jwt"].includes(mediaTypeOf(typ) ?? "")) throw invalid("typ");
  // Among others too: an ID token may have several (OpenID Connect Core, section 2).
  const isForClient = [payload.aud].flat().includes(clientId);
  if (mediaTypeOf(typ) !== "at+jwt" && isForClient) throw invalid("aud_client");
  if (["nonce", "at_hash", "c_hash", "s_hash", "events"].some((name) => name in payload)) throw invalid("typ_claims");
  const said = [payload.typ, payload.token_use].map((value) =>
    typeof value === "string" ? value.toLowerCase() : value,
  );
  if (said.some((value) => otherTypes.has(value))) throw invalid("typ_claim");
}

/**
 * The claims that a token or an introspection has in common, whoever vouched for them.
 *
 * @throws OidcError `invalid_request`, `clock_skew`
 */
export function accessTokenClaims(
  payload: Readonly<Record<string, unknown>>,
  { now, toleranceSeconds }: { now: Date; toleranceSeconds: number },
): AccessTokenClaims {
  const { iss, sub, iat, exp } = payload;
  const seconds = now.getTime() / 1000;
  if (!isText(iss)) throw invalid("iss");
  if (!isText(sub) || sub === "") throw invalid("sub");
  // Past the year 9999 there is no date.
  if (typeof exp !== "number" || !(exp > 0 && exp < 253_402_300_800)) throw invalid("exp");
  if (iat !== undefined && typeof iat !== "number") throw invalid("iat");
  if (iat !== undefined && !(iat <= seconds + toleranceSeconds)) throw new OidcError("clock_skew", "iat_ahead");
  const clientId =
    [payload.client_id, payload.azp, payload.cid, payload.appid].find((value) => value !== undefined) ?? null;
  if (clientId !== null && (!isText(clientId) || clientId === "")) throw invalid("client_id");
  return {
    issuer: iss,
    subject: sub,
    clientId: clientId as string | null,
    scopes: scopesIn(payload),
    expiresAt: new Date(exp * 1000),
    boundTo: boundTo(payload.cnf),
    claims: payload,
  };
}

/** `scope` (RFC 9068, section 2.2.3), else `scp`: a text at Entra, a list at Okta. */
function scopesIn({ scope, scp }: Readonly<Record<string, unknown>>): string[] {
  const said = scope ?? scp;
  const words = typeof said === "string" ? said.split(" ") : Array.isArray(said) ? said : [];
  return words.filter((word) => typeof word === "string" && word !== "");
}

/** The one confirmation that can be checked here is a proof's key. A certificate (RFC 8705) ends at whatever ends TLS. */
function boundTo(cnf: unknown): string | null {
  if (cnf === undefined) return null;
  const isObject = typeof cnf === "object" && cnf !== null && !Array.isArray(cnf);
  const { jkt, ...others } = (isObject ? cnf : {}) as Record<string, unknown>;
  if (!isText(jkt) || jkt === "" || Object.keys(others).length > 0) throw invalid("cnf");
  return jkt;
}

function invalid(detail: string): OidcError {
  return new OidcError("invalid_request", detail);
}
