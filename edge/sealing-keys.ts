import { encodeBase64url } from "./compact-jwe";

/**
 * What is sealed under one key cannot be opened as something else: each purpose has its own derived key.
 * - `session`: the session cookie
 * - `transaction`: one sign-in under way
 * - `sign-out`: what a sign-out did, for the page that tells
 * - `step-up`: a sign-in that a page asks for, on its way there through the address bar
 * - `connect`: the connecting of a service under way
 * - `posted-name`: what a provider posts of a user, on its way from our own callback to itself
 * - `alias`: where an answer belongs that comes to `AUTH_URL`; under a secret of its own, AUTH_SECRET_ALIASES
 * - `activity`: where a page of one's activity begins
 * - `link`: the linking of an identity under way
 * - `link-intent`: which identity a browser came with that is not linked yet
 */
export type SealPurpose =
  | "session"
  | "transaction"
  | "sign-out"
  | "step-up"
  | "connect"
  | "posted-name"
  | "alias"
  | "activity"
  | "link"
  | "link-intent";

/** What a secret gives for one purpose. A value's header names its key by the id, so that opening is one attempt. */
export interface SealingKey {
  id: string;
  key: CryptoKey;
}

/** Finds the key that a JWE's header names. What it answers throws where none of ours is meant. */
export function keyNamedIn(available: readonly SealingKey[]) {
  return (kid: string | undefined): CryptoKey => {
    const match = available.find(({ id }) => id === kid);
    if (!match) throw new Error("unknown key");
    return match.key;
  };
}

/** Derives a purpose's key, and its id, from a secret. Source: RFC 5869 (HKDF). */
export async function deriveKey(secret: string, purpose: SealPurpose): Promise<SealingKey> {
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
  const id = encodeBase64url(new Uint8Array(await bits(`daemun ${purpose} key id`, 48)));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  return { id, key };
}
