import "server-only";
import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";
import { env } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { type Rights, withRights } from "./rights";
import { isText, verifySignature } from "./signed-token";

/** ID-token claims that have passed verification, with rights where this app keeps them. */
export interface IdTokenClaims extends JWTPayload, Rights {
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
  /** UNIX seconds by our clock before which the user must not have authenticated, where the provider says when that was. */
  authenticatedAfter?: number;
  /** The authentication contexts that were asked for with `acr_values`: one of them is needed. */
  acrValues?: readonly string[];
  /** The one issuer that it may have, where the provider has one for each tenant. */
  issuer?: string;
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
  const { payload: signed, protectedHeader } = await verifySignature(token, provider, metadata, {
    requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
    code: "id_token_invalid",
    origin: "provider",
    now,
  });
  const payload = withoutOdd(signed);
  const seconds = Math.floor(now.getTime() / 1000);

  if (payload.iat === undefined || !Number.isFinite(payload.iat)) throw invalid("iat");
  if (payload.iat > seconds + clockToleranceSeconds) throw new OidcError("clock_skew", "iat_ahead");
  if (payload.iat < seconds - idTokenMaxAgeSeconds) throw invalid("iat_old");
  if (expected.issuer !== undefined && payload.iss !== expected.issuer)
    throw new OidcError("id_token_invalid", "iss", { reason: "other_issuer" });
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
  // A text all the same, which a logout token may name: whoever could not be found by it would stay signed in.
  if (payload.sid !== undefined && !isText(payload.sid)) throw invalid("sid");
  // `acr_values` is voluntary for the provider (OpenID Connect Core 1.0, section 3.1.2.1), and not for us.
  if (expected.acrValues && !expected.acrValues.includes(String(payload.acr))) throw invalid("acr");
  const expiry = payload.session_expiry ?? null;
  // A limit that cannot be read cannot be kept.
  if (expiry !== null && !(Number.isSafeInteger(expiry) && (expiry as number) > seconds))
    throw invalid("session_expiry");
  return withRights(payload, provider) as IdTokenClaims;
}

const isListOfTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isNamed = (value: unknown) => typeof value === "string" && value !== "";
const isSaid = (value: unknown) => value !== null && value !== "";

// Each optional, and whether what it says is something. Where a decision rests on the value, that is judged after.
const optionalClaims: Readonly<Record<string, (value: unknown) => boolean>> = {
  acr: (value) => isNamed(value) && isText(value),
  amr: isListOfTexts,
  sid: isNamed,
  at_hash: isNamed,
  azp: isSaid,
  auth_time: isSaid,
  session_expiry: isSaid,
};

/** The claims without optional ones that are empty or of a wrong kind: those are as absent. */
function withoutOdd(payload: JWTPayload): JWTPayload {
  const entries = Object.entries(payload).filter(
    ([name, value]) => !Object.hasOwn(optionalClaims, name) || optionalClaims[name]?.(value),
  );
  return Object.fromEntries(entries);
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
  // Both are of the provider's clock, so that none of ours comes in, and nothing is tolerated.
  const age = Number(payload.iat) - authTime;
  if (expected.maxAgeSeconds !== undefined && age > expected.maxAgeSeconds) throw invalid("auth_time");
  if (expected.authenticatedAfter !== undefined && authTime < expected.authenticatedAfter - 1 - tolerance)
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
