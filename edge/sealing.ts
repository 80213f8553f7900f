import { base64url, CompactEncrypt, compactDecrypt, EncryptJWT, type JWTPayload, jwtDecrypt } from "jose";

/**
 * What is sealed under one key cannot be opened as something else: each purpose has its own derived key.
 * - `session`: the session cookie
 * - `transaction`: one sign-in under way
 * - `sign-out`: what a sign-out did, for the page that tells
 * - `step-up`: a sign-in that a page asks for, on its way there through the address bar
 * - `connect`: the connecting of a service under way
 */
export type SealPurpose = "session" | "transaction" | "sign-out" | "step-up" | "connect";

export interface Sealer {
  /** Encrypts `claims` until `expiresAt` (UNIX seconds): with the only key, or so that each of the two newest opens it. */
  seal(claims: JWTPayload, expiresAt: number): Promise<string>;
  /** Answers the claims, or null for whatever is not ours, not whole, or past its end. Never throws. */
  open(sealed: string, now?: Date): Promise<JWTPayload | null>;
}

const enc = "A256GCM";
const allowed = { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: [enc] };

// How many secrets a value is sealed for: the newest, and the one before it, which is all that an instance knows that has
// not been told of the newest yet.
const recipients = 2;
// Of a key for one value: what A256GCM takes.
const ownBytes = 32;
// No base64url, no part of a JWE, and free to stand in a cookie (RFC 6265bis, section 4.1.1).
const separator = "~";

interface SealingKey {
  id: string;
  key: CryptoKey;
}

/**
 * Seals small claim sets as compact JWE with `alg: dir` and `enc: A256GCM`.
 *
 * While secrets are being changed, instances differ in what they know. With several secrets the claims are therefore
 * sealed under a key made for this one value, and that key under each of the two newest secrets, joined by `~`: an
 * instance that has not got the newest yet opens it all the same, and nobody is signed out on the way. Beside the key
 * lies a hash of what it seals: whoever knows an old secret knows the key too, and must not seal anything else with it.
 *
 * @param secrets newest first; every one opens
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
      const [newest, ...others] = (await keys()).slice(0, recipients);
      if (!newest) throw new Error("No sealing secret is configured.");
      if (others.length === 0) return sealUnder(newest.key, { kid: newest.id }, claims, expiresAt);
      const own = crypto.getRandomValues(new Uint8Array(ownBytes));
      const body = await sealUnder(own, {}, claims, expiresAt);
      const bound = Uint8Array.of(...own, ...(await hash(body)));
      const wrapped = [newest, ...others].map(({ id, key }) => wrap(bound, id, key));
      return [...(await Promise.all(wrapped)), body].join(separator);
    },
    async open(sealed, now = new Date()) {
      try {
        const available = await keys();
        const parts = sealed.split(separator);
        const body = parts.pop() ?? "";
        const own = parts.length > 0 ? await unwrap(parts.slice(0, recipients), body, available) : null;
        const { payload } = await jwtDecrypt(body, own ?? namedIn(available), {
          ...allowed,
          requiredClaims: ["exp"],
          currentDate: now,
        });
        return payload;
      } catch {
        return null;
      }
    },
  };
}

function sealUnder(key: CryptoKey | Uint8Array, named: { kid?: string }, claims: JWTPayload, expiresAt: number) {
  return new EncryptJWT(claims)
    .setProtectedHeader({ alg: "dir", enc, ...named })
    .setExpirationTime(expiresAt)
    .encrypt(key);
}

function wrap(bound: Uint8Array, kid: string, key: CryptoKey): Promise<string> {
  return new CompactEncrypt(bound).setProtectedHeader({ alg: "dir", enc, kid }).encrypt(key);
}

/** The key of a value that was sealed for several secrets. @throws when none of ours opens it, or it is another value's */
async function unwrap(wrapped: readonly string[], body: string, available: readonly SealingKey[]): Promise<Uint8Array> {
  const seen = await hash(body);
  for (const part of wrapped) {
    try {
      const { plaintext } = await compactDecrypt(part, namedIn(available), allowed);
      const sealed = plaintext.subarray(ownBytes);
      if (sealed.length === seen.length && sealed.every((byte, at) => byte === seen[at])) {
        return plaintext.subarray(0, ownBytes);
      }
    } catch {
      // For a secret that this instance does not have.
    }
  }
  throw new Error("unknown key");
}

async function hash(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** Finds the key that a JWE's header names. */
function namedIn(available: readonly SealingKey[]) {
  return ({ kid }: { kid?: string }): CryptoKey => {
    const match = available.find(({ id }) => id === kid);
    if (!match) throw new Error("unknown key");
    return match.key;
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
