import "server-only";
import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyResult, jwtVerify } from "jose";
import { idTokenAlgSchema } from "@/edge/provider-schema";
import { type Env, env } from "../settings/env";
import type { ProviderSettings } from "../settings/providers";
import { OidcError, type OidcErrorCode } from "./errors";
import { issuerFor } from "./issuer";
import { getKeySet, type KeySet, type TokenOrigin } from "./key-set";
import type { ProviderMetadata } from "./metadata";
import { beforeDeadline } from "./outbound";

/**
 * The algorithms to accept from this provider: the one that configuration names, else asymmetric ones that its metadata
 * lists, RS256 where it lists none.
 */
export function acceptedAlgorithms({ idTokenAlg }: ProviderSettings, metadata: ProviderMetadata): string[] {
  if (idTokenAlg !== null) return [idTokenAlg];
  const listed = metadata.id_token_signing_alg_values_supported ?? [];
  const accepted = idTokenAlgSchema.options.filter((alg) => listed.includes(alg));
  return accepted.length > 0 ? accepted : ["RS256"];
}

/** What a token is held against: by default this process's clock and settings, and the provider's keys. */
export interface Judging {
  now?: Date;
  settings?: Pick<Env, "clockToleranceSeconds" | "idTokenMaxAgeSeconds">;
  keys?: JWTVerifyGetKey;
}

interface SignatureExpectation extends Judging {
  /** Whom the token has to be for; this client, if absent. */
  audience?: string;
  /** The algorithms to accept; those of ID tokens, if absent. */
  algorithms?: readonly string[];
  /** Claims that have to be there. `exp` and `nbf` are held against the clock, `iss` and `aud` against provider and client. */
  requiredClaims: string[];
  /** What a token that does not pass is to be called. */
  code: OidcErrorCode;
  origin: TokenOrigin;
}

/**
 * Verifies what ID tokens, logout tokens and access tokens have in common: signature by the provider's keys, `alg`, `iss`, `aud`, `exp`,
 * `nbf`. Nothing in the token is believed before.
 *
 * @throws OidcError with `code`, `clock_skew`, or what fetching the keys gave
 */
export async function verifySignature(
  token: string,
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { requiredClaims, code, origin, now = new Date(), settings = env(), keys, ...expected }: SignatureExpectation,
): Promise<JWTVerifyResult> {
  const verify = async (find: JWTVerifyGetKey) => {
    const verified = await jwtVerify(token, find, {
      algorithms: [...(expected.algorithms ?? acceptedAlgorithms(provider, metadata))],
      // Of many tenants' issuers the token itself says which it has to be.
      ...(provider.issuerTemplate === null && { issuer: metadata.issuer }),
      audience: expected.audience ?? provider.clientId,
      clockTolerance: settings.clockToleranceSeconds,
      currentDate: now,
      requiredClaims,
    });
    checkTenantIssuer(provider, verified.payload);
    return verified;
  };
  try {
    return await beforeDeadline(keys ? verify(keys) : verifyByKeySet(verify, getKeySet(metadata.jwks_uri), origin));
  } catch (cause) {
    if (cause instanceof OidcError) throw cause;
    // jose rethrows a failing key-set fetch as it came or wraps it; both are the provider's fault, not the token's.
    if (cause instanceof Error && cause.cause instanceof OidcError) throw cause.cause;
    const fault = faultOf(cause);
    // In order: the signature was verified before any claim was looked at.
    const reason = fault === "iss" ? "other_issuer" : null;
    throw new OidcError(fault === "nbf" ? "clock_skew" : code, fault, { cause, reason });
  }
}

function checkTenantIssuer(provider: ProviderSettings, payload: JWTPayload): void {
  if (provider.issuerTemplate === null || payload.iss === issuerFor(provider, payload.tid)) return;
  throw new errors.JWTClaimValidationFailed("The issuer is not that of the tenant.", payload, "iss", "check_failed");
}

/** Once more with new keys, if there are any. */
async function verifyByKeySet(
  verify: (find: JWTVerifyGetKey) => Promise<JWTVerifyResult>,
  keySet: KeySet,
  origin: TokenOrigin,
): Promise<JWTVerifyResult> {
  const before = await keySet.load(origin);
  try {
    return await verifyByAny(verify, keySet.find);
  } catch (refusal) {
    if (!(await keySet.renew(before, refusal, origin))) throw refusal;
    return verifyByAny(verify, keySet.find);
  }
}

/** Tries each key where a token names none and several would do. */
async function verifyByAny(
  verify: (find: JWTVerifyGetKey) => Promise<JWTVerifyResult>,
  find: JWTVerifyGetKey,
): Promise<JWTVerifyResult> {
  try {
    return await verify(find);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const verified = await verify(async () => key).catch(unlessSignature);
      if (verified) return verified;
    }
    throw new NoKeyNamed();
  }
}

/** None of several keys fits a token that names none: its missing `kid` is what an operator has to look at. */
class NoKeyNamed extends errors.JWSSignatureVerificationFailed {}

function unlessSignature(error: unknown): null {
  if (error instanceof errors.JWSSignatureVerificationFailed) return null;
  throw error;
}

/** A short word for what was wrong, for the log and the audit row. */
function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "exp";
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim;
  if (error instanceof errors.JOSEAlgNotAllowed) return "alg";
  if (error instanceof NoKeyNamed) return "kid";
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return "signature";
  return "malformed";
}

/** Text that can be kept and compared as it came: bounded, no NUL, no half of a surrogate pair. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= 255 && !value.includes("\0") && value.isWellFormed();
}
