import "server-only";
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";

/** A key that a client signs with. */
export interface SigningKey {
  privateKey: KeyObject;
  /** How it signs (RFC 7518, section 3.1). */
  alg: string;
  /** What the operator calls it, if it came as a JWK that says so. */
  kid: string | null;
  /** Its public members alone. */
  publicJwk: JsonWebKey;
}

const algorithmOfCurve: Readonly<Record<string, string>> = { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" };
const rsaAlgorithms = new Set(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]);

/**
 * Reads a private key: PEM (PKCS #8) or a JWK. How it signs follows from its kind: RS256, or what `alg` of a JWK says, for RSA;
 * ES256, ES384 or ES512 by its curve; Ed25519.
 *
 * Source: RFC 7517, section 4; RFC 7518, section 3.3 (2048 bits at least).
 * @throws Error for anything that is no such key
 */
export function readSigningKey(text: string): SigningKey {
  const jwk = text.trimStart().startsWith("{") ? (JSON.parse(text) as JsonWebKey) : null;
  const privateKey = createPrivateKey(jwk ? { key: jwk, format: "jwk" } : text);
  const publicJwk = createPublicKey(privateKey).export({ format: "jwk" });
  const alg = algorithmOf(privateKey, publicJwk, jwk?.alg);
  if (alg === null) throw new Error("This kind of key signs nothing here.");
  return { privateKey, alg, kid: typeof jwk?.kid === "string" && jwk.kid !== "" ? jwk.kid : null, publicJwk };
}

function algorithmOf(key: KeyObject, { crv }: JsonWebKey, said: unknown): string | null {
  switch (key.asymmetricKeyType) {
    case "rsa": {
      if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return null;
      return typeof said === "string" && rsaAlgorithms.has(said) ? said : "RS256";
    }
    case "ec":
      return algorithmOfCurve[crv ?? ""] ?? null;
    case "ed25519":
      return said === "EdDSA" ? "EdDSA" : "Ed25519";
    default:
      return null;
  }
}
