import { createHash } from "node:crypto";
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";
import type { Credential } from "./bearer";
import { Refusal } from "./bearer";

/** What a proof has to be of. */
export interface Proven {
  method: string;
  /** Without query. */
  url: string;
  /** What the token is bound to (`cnf.jkt`); null where it is not. */
  thumbprint: string | null;
  /** The nonce that has to be in it; null for any. */
  nonce: string | null;
}

const secondsAround = 60;

/**
 * Checks the proof that comes along with a token, and that a token which is bound does not come without (RFC 9449, sections 4.3
 * and 7).
 *
 * @param seen proofs that have been used: each is good once
 * @throws Refusal
 */
export async function checkProof(
  { scheme, token, proof }: Credential,
  { method, url, thumbprint, nonce }: Proven,
  seen: Set<string>,
): Promise<void> {
  if (scheme === "bearer" && thumbprint === null) return;
  if (scheme === "bearer") throw new Refusal(401, "invalid_token", "The token is bound to a key.");
  if (thumbprint === null) throw new Refusal(401, "invalid_token", "The token is bound to no key.");
  const refuse = (what: string) => new Refusal(401, "invalid_dpop_proof", what);
  const options = { typ: "dpop+jwt", algorithms: ["ES256"], requiredClaims: ["iat", "jti"] };
  const { payload, protectedHeader } = await jwtVerify(proof ?? "", EmbeddedJWK, options).catch(() => {
    throw refuse("The proof cannot be verified.");
  });
  const key = protectedHeader.jwk;
  if (!key || "d" in key || (await calculateJwkThumbprint(key)) !== thumbprint) throw refuse("It is another key's.");
  if (payload.htm !== method || payload.htu !== url) throw refuse("It is of another request.");
  if (payload.ath !== createHash("sha256").update(token).digest("base64url")) throw refuse("It is of another token.");
  if (nonce !== null && payload.nonce !== nonce) throw new Refusal(401, "use_dpop_nonce", "A nonce is wanted.", nonce);
  if (Math.abs(Date.now() / 1000 - (payload.iat ?? 0)) > secondsAround) throw refuse("It is of another time.");
  if (typeof payload.jti !== "string" || seen.has(payload.jti)) throw refuse("It has been used.");
  seen.add(payload.jti);
}
