import { base64url, EncryptJWT, type JWTPayload, jwtDecrypt } from "jose";

/**
 * What is sealed under one key cannot be opened as something else: each purpose has its own derived key.
 * - `session`: the session cookie
 * - `transaction`: one sign-in under way
 * - `sign-out`: what a sign-out did, for the page that tells
 * - `step-up`: a sign-in that a page asks for, on its way there through the address bar
 */
export type SealPurpose = "session" | "transaction" | "sign-out" | "step-up";

export interface Sealer {
  /** Encrypts `claims` with the newest key until `expiresAt` (UNIX seconds). */
  seal(claims: JWTPayload, expiresAt: number): Promise<string>;
  /** Answers the claims, or null for whatever is not ours, not whole, or past its end. Never throws. */
  open(sealed: string, now?: Date): Promise<JWTPayload | null>;
}

const enc = "A256GCM";

interface SealingKey {
  id: string;
  key: CryptoKey;
}

/**
 * Seals small claim sets as compact JWE with `alg: dir` and `enc: A256GCM`.
 *
 * @param secrets newest first; every one opens, only the first seals
 * Source: RFC 7516 (JWE), RFC 7518 sections 4.5 and 5.3, RFC 5869 (HKDF).
 */
export function createSealer(secrets: readonly string[], purpose: SealPurpose): Sealer {
  // Derived once for the process; derivation per request costs more than the decryption itself.
  let derived: Promise<SealingKey[]> | undefined;
  const keys = () => {
    derived ??= Promise.all(secrets.map((secret) => deriveKey(secret, purpose)));
    return derived;
  };
  return {
    async seal(claims, expiresAt) {
      const [newest] = await keys();
      if (!newest) throw new Error("No sealing secret is configured.");
      return new EncryptJWT(claims)
        .setProtectedHeader({ alg: "dir", enc, kid: newest.id })
        .setExpirationTime(expiresAt)
        .encrypt(newest.key);
    },
    async open(sealed, now = new Date()) {
      try {
        const available = await keys();
        const { payload } = await jwtDecrypt(
          sealed,
          ({ kid }) => {
            const match = available.find(({ id }) => id === kid);
            if (!match) throw new Error("unknown key");
            return match.key;
          },
          {
            keyManagementAlgorithms: ["dir"],
            contentEncryptionAlgorithms: [enc],
            requiredClaims: ["exp"],
            currentDate: now,
          },
        );
        return payload;
      } catch {
        return null;
      }
    },
  };
}

async function deriveKey(secret: string, purpose: SealPurpose): Promise<SealingKey> {
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), "HKDF", false, [
    "deriveBits",
  ]);
  const bits = async (info: string, length: number) =>
    crypto.subtle.deriveBits(
      { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode(info) },
      material,
      length,
    );
  const raw = await bits(`daemun ${purpose} key`, 256);
  // The id is derived beside the key, not from it, so that it tells nothing of the key.
  const id = base64url.encode(new Uint8Array(await bits(`daemun ${purpose} key id`, 48)));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  return { id, key };
}
