import "server-only";
import { createHash, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import * as openid from "openid-client";
import { readAccessTokenClaims } from "./dialects";

/** What is proved of: a request as it is sent. */
export interface ProvenRequest {
  method: string;
  /** Its query and fragment are left out of the proof. */
  url: string | URL;
  /** The token that comes along; none at a token endpoint. */
  accessToken?: string;
}

const alg = "ES256";

/** The key that a grant's access tokens are bound to (P-256). What it is made of shows in no log and in no answer. */
export class ProofKey {
  readonly #jwk: JWK;

  private constructor(jwk: JWK) {
    this.#jwk = jwk;
  }

  static async make(): Promise<ProofKey> {
    return new ProofKey(await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey));
  }

  /** Out of what {@link forVault} gave. */
  static parse(text: string): ProofKey {
    return new ProofKey(JSON.parse(text));
  }

  /** The key as text, to be sealed and for nothing else. */
  forVault(): string {
    return JSON.stringify(this.#jwk);
  }

  /** RFC 7638. */
  thumbprint(): Promise<string> {
    return calculateJwkThumbprint(this.#jwk);
  }

  /** The proof of one request, for its header `DPoP`, with the nonce that its server gave last (RFC 9449, sections 4.2 and 9). */
  async prove({ method, url, accessToken }: ProvenRequest): Promise<string> {
    const { origin, pathname } = new URL(url);
    const nonce = nonces.get(origin);
    const claims = {
      htm: method,
      htu: origin + pathname,
      jti: randomUUID(),
      ...(accessToken !== undefined && { ath: createHash("sha256").update(accessToken).digest("base64url") }),
      ...(nonce !== undefined && { nonce }),
    };
    const header = { alg, typ: "dpop+jwt", jwk: this.#public() };
    return new SignJWT(claims).setIssuedAt().setProtectedHeader(header).sign(this.#jwk);
  }

  /** For a request by `openid-client`, which asks once more where a nonce is wanted. */
  async handleFor(client: openid.Configuration, endpoint: string): Promise<openid.DPoPHandle> {
    const [privateKey, publicKey] = await Promise.all([
      importJWK(this.#jwk, alg) as Promise<CryptoKey>,
      importJWK({ ...this.#public(), ext: true }, alg) as Promise<CryptoKey>,
    ]);
    return openid.getDPoPHandle(
      client,
      { privateKey, publicKey },
      {
        [openid.modifyAssertion]: (_header, payload) => {
          payload.nonce ??= nonces.get(new URL(endpoint).origin);
        },
      },
    );
  }

  #public(): JWK {
    const { kty, crv, x, y } = this.#jwk;
    return { kty, crv, x, y } as JWK;
  }
}

// By origin. Each server gives a new one every few minutes at most; one that is out of date costs a request.
const nonces = new Map<string, string>();
const mostOrigins = 200;
const longestNonce = 1_000;

/** Keeps the nonce that a server wants to see in the proofs of the next requests to it (RFC 9449, section 8.2), if it gives one. */
export function noteNonce(address: string | URL, headers: Pick<Headers, "get">): void {
  const nonce = headers.get("dpop-nonce");
  if (!nonce || nonce.length > longestNonce) return;
  const { origin } = new URL(address);
  nonces.delete(origin);
  nonces.set(origin, nonce);
  if (nonces.size > mostOrigins) nonces.delete(nonces.keys().next().value as string);
}

/** Whether a resource refused a request only for the nonce that its proof lacked, and gave one (RFC 9449, section 9). */
export function wantsNonce(status: number | undefined, headers: Pick<Headers, "get">): boolean {
  const challenge = headers.get("www-authenticate") ?? "";
  return status === 401 && headers.get("dpop-nonce") !== null && challenge.includes("use_dpop_nonce");
}

/**
 * Whether an access token is bound to the key with this thumbprint, as far as it says: one that is no JWT says nothing, and is
 * bound by its token type (RFC 9449, section 6.1).
 */
export function isBoundTo(thumbprint: string, accessToken: string): boolean {
  const claims = readAccessTokenClaims(accessToken);
  return claims === null || (claims.cnf as { jkt?: unknown } | undefined)?.jkt === thumbprint;
}
