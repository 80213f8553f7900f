import type { SealingKey } from "./sealing-keys";

/*
 * JWE in its compact serialization, of the one kind that is written here: `alg: dir`, `enc: A256GCM`, no compression and no
 * extension. By Web Crypto alone: a library that knows all kinds is half of what the gate loads at its start (ADR 68).
 * Source: RFC 7516, sections 5 and 7.1; RFC 7518, sections 4.5 and 5.3.
 */

const algorithms = { alg: "dir", enc: "A256GCM" } as const;
const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts under a key whose id the header names. The nonce is random, and new for each call (NIST SP 800-38D, section 8.2.2). */
export async function encryptCompact(plaintext: Uint8Array<ArrayBuffer>, { id, key }: SealingKey): Promise<string> {
  const header = encodeBase64url(new TextEncoder().encode(JSON.stringify({ ...algorithms, kid: id })));
  const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(gcm(iv, header), key, plaintext));
  const parts = [iv, sealed.subarray(0, -tagBytes), sealed.subarray(-tagBytes)].map(encodeBase64url);
  return [header, "", ...parts].join(".");
}

/**
 * Decrypts what {@link encryptCompact} gave.
 *
 * @param keyNamed the key of the id in the header; undefined where it names none
 * @throws for anything else: another algorithm, a header with more in it, what is no base64url, and whatever was changed
 */
export async function decryptCompact(
  jwe: string,
  keyNamed: (kid: string | undefined) => CryptoKey,
): Promise<Uint8Array<ArrayBuffer>> {
  const [header = "", encryptedKey, nonce = "", ciphertext = "", tag = "", ...more] = jwe.split(".");
  if (encryptedKey !== "" || more.length > 0) throw new Error("not of five parts, or with a key inside");
  const { alg, enc, kid, ...others } = parseHeader(header);
  // `crit`, `zip` and whatever else there may be is not understood, and so refused (RFC 7516, section 5.2).
  if (alg !== algorithms.alg || enc !== algorithms.enc || Object.keys(others).length > 0)
    throw new Error("another kind");
  if (kid !== undefined && typeof kid !== "string") throw new Error("no key is named");
  const [iv, body, mac] = [decodeBase64url(nonce), decodeBase64url(ciphertext), decodeBase64url(tag)];
  // A shorter tag could be guessed.
  if (iv.length !== nonceBytes || mac.length !== tagBytes) throw new Error("of another length");
  const sealed = new Uint8Array(body.length + mac.length);
  sealed.set(body);
  sealed.set(mac, body.length);
  return new Uint8Array(await crypto.subtle.decrypt(gcm(iv, header), keyNamed(kid), sealed));
}

function gcm(iv: Uint8Array<ArrayBuffer>, header: string) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(header), tagLength: 8 * tagBytes };
}

function parseHeader(encoded: string): Record<string, unknown> {
  const header: unknown = JSON.parse(new TextDecoder().decode(decodeBase64url(encoded)));
  if (typeof header !== "object" || header === null) throw new Error("no header");
  return header as Record<string, unknown>;
}

/** Bytes as base64url without padding (RFC 7515, section 2). */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @throws for what is no base64url, or padded */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error("no base64url");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
