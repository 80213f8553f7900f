import { generateKeyPair, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { JSONWebKeySet } from "jose";
import type { JWK } from "oidc-provider";

const generate = promisify(generateKeyPair);

export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** The signing keys of one issuer, newest first, and the keys of an attacker who would like to be it. */
export class KeyRing {
  // Few tests forge anything, and making an RSA key is most of what it takes to start an issuer.
  #stranger: SigningKey | undefined;
  #strangerEc: SigningKey | undefined;

  private constructor(private keys: [SigningKey, ...SigningKey[]]) {}

  static async create(): Promise<KeyRing> {
    return new KeyRing([await rsaKey()]);
  }

  /** An RSA key that the issuer never published. */
  get stranger(): SigningKey {
    this.#stranger ??= { kid: newKid(), ...generateKeyPairSync("rsa", { modulusLength: 2048 }) };
    return this.#stranger;
  }

  /** A P-256 key that the issuer never published. */
  get strangerEc(): SigningKey {
    this.#strangerEc ??= { kid: newKid(), ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
    return this.#strangerEc;
  }

  /** The key that signs now. */
  get current(): SigningKey {
    return this.keys[0];
  }

  /** Makes a new signing key. `keepOld` decides whether tokens of the old keys can still be verified. */
  async rotate(keepOld: boolean): Promise<SigningKey> {
    const fresh = await rsaKey();
    this.keys = keepOld ? [fresh, ...this.keys] : [fresh];
    return fresh;
  }

  /** All keys with their private parts, as oidc-provider wants them. */
  privateJwks(): { keys: JWK[] } {
    return {
      keys: this.keys.map(
        ({ kid, privateKey }) => ({ ...privateKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" }) as JWK,
      ),
    };
  }

  /** All keys as everybody may know them, for checking what the issuer signed. */
  publicJwks(): JSONWebKeySet {
    return {
      keys: this.keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: "jwk" }), kid, alg: "RS256" })),
    } as JSONWebKeySet;
  }
}

async function rsaKey(): Promise<SigningKey> {
  return { kid: newKid(), ...(await generate("rsa", { modulusLength: 2048 })) };
}

function newKid(): string {
  return randomBytes(8).toString("base64url");
}
