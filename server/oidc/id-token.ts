import "server-only";
import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";
import { env } from "../env";
import type { ProviderSettings } from "../provider-settings";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { isText, verifySignature } from "./signed-token";

/** ID-token claims that have passed verification. */
export interface IdTokenClaims extends JWTPayload {
  iss: string;
  sub: string;
  iat: number;
  exp: number;
  auth_time?: number;
  acr?: string;
  amr?: string[];
  sid?: string;
  /** When the relying party's session has to end, UNIX seconds (OpenID Connect Enterprise Extensions 1.0). */
  session_expiry?: number;
}

export interface IdTokenExpectation {
  /** The nonce of this transaction; a refreshed ID token need not carry one (OpenID Connect Core 1.0, section 12.2). */
  nonce: string | null;
  /** The access token that came along, for `at_hash`. */
  accessToken?: string;
  /** Seconds since authentication that were asked for with `max_age`. */
  maxAgeSeconds?: number;
  /** The authentication contexts that were asked for with `acr_values`: one of them is needed. */
  acrValues?: readonly string[];
  /** The one person who may come back. */
  subject?: string;
}

/**
 * Verifies an ID token to the letter before any session exists: signature by the provider's keys, `alg`, `iss`,
 * `aud`/`azp`, `exp`, `iat`, `nonce`, `sub`, `auth_time`, `at_hash`.
 *
 * The code flow lets a client skip the signature (OpenID Connect Core 1.0, section 3.1.3.7, item 6); this one does
 * not: TLS proves the endpoint, the signature proves the provider.
 *
 * @throws OidcError `id_token_invalid`, `clock_skew`, or what fetching the keys gave
 */
export async function verifyIdToken(
  token: string,
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  expected: IdTokenExpectation,
  now = new Date(),
): Promise<IdTokenClaims> {
  const { clockToleranceSeconds, idTokenMaxAgeSeconds } = env();
  const { payload, protectedHeader } = await verifySignature(token, provider, metadata, {
    requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
    code: "id_token_invalid",
    now,
  });
  const seconds = Math.floor(now.getTime() / 1000);

  if (payload.iat === undefined || !Number.isFinite(payload.iat)) throw invalid("iat");
  if (payload.iat > seconds + clockToleranceSeconds) throw new OidcError("clock_skew", "iat_ahead");
  if (payload.iat < seconds - idTokenMaxAgeSeconds) throw invalid("iat_old");
  if (!isText(payload.sub) || payload.sub === "") throw invalid("sub");
  if (expected.subject !== undefined && payload.sub !== expected.subject)
    throw new OidcError("identity_mismatch", "sub");

  const audiences = [payload.aud ?? []].flat();
  if (payload.azp !== undefined && payload.azp !== provider.clientId) throw invalid("azp");
  if (audiences.length > 1 && payload.azp === undefined) throw invalid("azp");

  if (expected.nonce !== null && payload.nonce !== expected.nonce) throw invalid("nonce");
  checkAuthTime(payload, expected, seconds, clockToleranceSeconds);
  if (payload.at_hash !== undefined && expected.accessToken !== undefined) {
    checkAccessTokenHash(payload.at_hash, expected.accessToken, protectedHeader.alg);
  }
  for (const [name, isRight] of [
    ["acr", isText],
    ["sid", isText],
    ["amr", (value: unknown) => Array.isArray(value) && value.every(isText)],
  ] as const) {
    if (payload[name] !== undefined && payload[name] !== null && !isRight(payload[name])) throw invalid(name);
  }
  // `acr_values` is voluntary for the provider (OpenID Connect Core 1.0, section 3.1.2.1), and not for us.
  if (expected.acrValues && !expected.acrValues.includes(String(payload.acr))) throw invalid("acr");
  const expiry = payload.session_expiry ?? null;
  // A limit that cannot be read cannot be kept.
  if (expiry !== null && !(Number.isSafeInteger(expiry) && (expiry as number) > seconds))
    throw invalid("session_expiry");
  return payload as IdTokenClaims;
}

function checkAuthTime(payload: JWTPayload, expected: IdTokenExpectation, seconds: number, tolerance: number): void {
  const authTime = payload.auth_time;
  if (authTime === undefined || authTime === null) {
    // Required once max_age was asked for (OpenID Connect Core 1.0, section 2).
    if (expected.maxAgeSeconds !== undefined) throw invalid("auth_time");
    return;
  }
  if (typeof authTime !== "number" || !Number.isFinite(authTime) || authTime > seconds + tolerance)
    throw invalid("auth_time");
  if (expected.maxAgeSeconds !== undefined && authTime < seconds - expected.maxAgeSeconds - tolerance)
    throw invalid("auth_time");
}

/** Source: OpenID Connect Core 1.0, section 3.1.3.6: the left half of the hash that the signature's algorithm names. */
function checkAccessTokenHash(claim: unknown, accessToken: string, alg: string | undefined): void {
  const size = alg === "EdDSA" || alg === "Ed25519" ? "512" : alg?.slice(-3);
  const hash = createHash(`sha${size}`).update(accessToken, "ascii").digest();
  const half = hash.subarray(0, hash.length / 2).toString("base64url");
  // No secret: whoever can compare has both already.
  if (claim !== half) throw invalid("at_hash");
}

function invalid(detail: string): OidcError {
  return new OidcError("id_token_invalid", detail);
}
