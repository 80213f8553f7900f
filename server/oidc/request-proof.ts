import "server-only";
import { createHash } from "node:crypto";
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from "jose";
import { idTokenAlgSchema } from "@/edge/provider-schema";
import { OidcError } from "./errors";

/** The algorithms that a proof may be signed by. */
export const proofAlgorithms: readonly string[] = idTokenAlgSchema.options;

/** What a proof has to be of. */
export interface ProvenCall {
  method: string;
  /** Its query and fragment do not count. */
  url: string;
  accessToken: string;
  /** The thumbprint of the key that the token is bound to. */
  thumbprint: string;
}

// What it may differ from our clock, in seconds. Together they are less than the minute for which a proof is remembered.
const oldestSeconds = 30;
const furthestSeconds = 25;

const longestProof = 4 * 1024;

/**
 * Verifies the proof of possession that comes with a bound access token: its form, a public key of its own and a signature by
 * that, `htm`, `htu`, `iat`, `ath`, and that the key is the one that the token is bound to.
 *
 * Source: RFC 9449, section 4.3.
 * @returns what names this proof: the caller takes each once within a minute (section 11.1)
 * @throws OidcError `invalid_request`
 */
export async function verifyProof(proof: string | null, call: ProvenCall, now = new Date()): Promise<string> {
  if (proof === null || proof.length > longestProof) throw invalid("proof");
  const { payload, protectedHeader } = await verified(proof, now);
  const { jti, htm, htu, ath, iat } = payload;
  if (typeof jti !== "string" || jti === "" || jti.length > 500) throw invalid("proof_jti");
  // Methods are case-sensitive (RFC 9110, section 9.1).
  if (htm !== call.method) throw invalid("proof_htm");
  if (typeof htu !== "string" || addressOf(htu) !== addressOf(call.url)) throw invalid("proof_htu");
  const age = now.getTime() / 1000 - Number(iat);
  if (typeof iat !== "number" || !(age <= oldestSeconds && age >= -furthestSeconds)) throw invalid("proof_iat");
  if (ath !== createHash("sha256").update(call.accessToken).digest("base64url")) throw invalid("proof_ath");
  const thumbprint = await calculateJwkThumbprint(protectedHeader.jwk as JWK);
  if (thumbprint !== call.thumbprint) throw invalid("proof_key");
  return createHash("sha256").update(`${thumbprint}\n${jti}`).digest("base64url");
}

async function verified(proof: string, now: Date) {
  try {
    return await jwtVerify(proof, EmbeddedJWK, {
      typ: "dpop+jwt",
      algorithms: [...proofAlgorithms],
      currentDate: now,
      // Its times are judged by `iat` alone.
      clockTolerance: furthestSeconds,
    });
  } catch (cause) {
    throw new OidcError("invalid_request", "proof", { cause });
  }
}

/** As both sides write it after normalization (RFC 9449, section 4.3, item 9); null for what is no address. */
function addressOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

function invalid(detail: string): OidcError {
  return new OidcError("invalid_request", detail);
}
