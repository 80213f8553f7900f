import { decryptCompact } from "./compact-jwe";
import { keyNamedIn, type SealingKey } from "./sealing-keys";

// No base64url, no part of a JWE, and free to stand in a cookie (RFC 6265bis, section 4.1.1).
const separator = "~";
// Of a key for one value: what A256GCM takes.
const ownBytes = 32;

/**
 * Reads what version 0.1.0 wrote while it had two secrets or more: a key made for the one value, sealed under each of two
 * secrets, and the claims under that key, all joined by `~`. Beside the key lies a hash of what it seals, so that who
 * knows an old secret, and with it the key, cannot seal anything else with it. Nothing writes this form any more.
 *
 * It lives as long as the cookies do: a session at most thirty days, a sign-in under way fifteen minutes. This file, and
 * its call in sealing.ts, may go once thirty days have passed since the last instance of 0.1.0 was replaced.
 *
 * @returns the JWE of the claims and the key that opens it; null for what is one JWE
 * @throws when none of ours opens it, or the key is another value's
 */
export async function openJoined(
  sealed: string,
  available: readonly SealingKey[],
): Promise<{ body: string; key: CryptoKey } | null> {
  if (!sealed.includes(separator)) return null;
  const [first = "", second = "", body = "", ...more] = sealed.split(separator);
  if (more.length > 0) throw new Error("not of three parts");
  const seen = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body)));
  for (const part of [first, second]) {
    const bound = await unwrap(part, available);
    const hash = bound?.subarray(ownBytes);
    if (bound && hash?.length === seen.length && hash.every((byte, at) => byte === seen[at])) {
      const key = await crypto.subtle.importKey("raw", bound.subarray(0, ownBytes), "AES-GCM", false, ["decrypt"]);
      return { body, key };
    }
  }
  throw new Error("unknown key");
}

/** The key and hash in one part, or null where it is for a secret that this instance does not have. */
async function unwrap(part: string, available: readonly SealingKey[]): Promise<Uint8Array<ArrayBuffer> | null> {
  return decryptCompact(part, keyNamedIn(available)).catch(() => null);
}
