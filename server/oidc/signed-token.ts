import "server-only";
import { errors, type JWTVerifyResult, jwtVerify } from "jose";
import { env } from "../env";
import type { ProviderSettings } from "../provider-settings";
import { OidcError, type OidcErrorCode } from "./errors";
import { getKeySet } from "./key-set";
import type { ProviderMetadata } from "./metadata";
import { beforeDeadline } from "./outbound";

// Signatures that only the holder of a private key can make. `none` and the HS family are left out for good: with
// them, whoever knows the client secret (or nothing) is the provider.
const signatureAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** The algorithms to accept from this provider: asymmetric ones that its metadata lists, RS256 where it lists none. */
export function acceptedAlgorithms(metadata: ProviderMetadata): string[] {
  const listed = metadata.id_token_signing_alg_values_supported ?? [];
  const accepted = signatureAlgorithms.filter((alg) => listed.includes(alg));
  return accepted.length > 0 ? accepted : ["RS256"];
}

interface SignatureExpectation {
  /** Claims that have to be there. `exp` and `nbf` are held against the clock, `iss` and `aud` against provider and client. */
  requiredClaims: string[];
  /** What a token that does not pass is to be called. */
  code: OidcErrorCode;
  now: Date;
}

/**
 * Verifies what ID tokens and logout tokens have in common: signature by the provider's keys, `alg`, `iss`, `aud`, `exp`,
 * `nbf`. Nothing in the token is believed before.
 *
 * @throws OidcError with `code`, `clock_skew`, or what fetching the keys gave
 */
export async function verifySignature(
  token: string,
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { requiredClaims, code, now }: SignatureExpectation,
): Promise<JWTVerifyResult> {
  try {
    const verified = jwtVerify(token, getKeySet(metadata.jwks_uri), {
      algorithms: acceptedAlgorithms(metadata),
      issuer: metadata.issuer,
      audience: provider.clientId,
      clockTolerance: env().clockToleranceSeconds,
      currentDate: now,
      requiredClaims,
    });
    return await beforeDeadline(verified);
  } catch (cause) {
    if (cause instanceof OidcError) throw cause;
    // jose rethrows a failing key-set fetch as it came or wraps it; both are the provider's fault, not the token's.
    if (cause instanceof Error && cause.cause instanceof OidcError) throw cause.cause;
    const fault = faultOf(cause);
    throw new OidcError(fault === "nbf" ? "clock_skew" : code, fault, { cause });
  }
}

/** A short word for what was wrong, for the log and the audit row. */
function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "exp";
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim;
  if (error instanceof errors.JOSEAlgNotAllowed) return "alg";
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return "signature";
  return "malformed";
}

/** Text that can be kept and compared as it came: bounded, no NUL, no half of a surrogate pair. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= 255 && !value.includes("\0") && value.isWellFormed();
}
