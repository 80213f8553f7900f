import { CompactEncrypt, EncryptJWT, type JWTPayload } from "jose";
import { deriveKey, type SealPurpose } from "../../edge/sealing-keys";

/** Seals as version 0.1.0 did with two secrets. `own` is the key made for this value, `expiresAt` in UNIX seconds. */
export async function sealJoined(
  secrets: readonly [string, string],
  purpose: SealPurpose,
  claims: JWTPayload,
  expiresAt: number,
  own: Uint8Array = crypto.getRandomValues(new Uint8Array(32)),
): Promise<string> {
  const header = { alg: "dir", enc: "A256GCM" };
  const body = await new EncryptJWT(claims).setProtectedHeader(header).setExpirationTime(expiresAt).encrypt(own);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body)));
  const wrapped = secrets.map(async (secret) => {
    const { id, key } = await deriveKey(secret, purpose);
    return new CompactEncrypt(Uint8Array.of(...own, ...hash)).setProtectedHeader({ ...header, kid: id }).encrypt(key);
  });
  return [...(await Promise.all(wrapped)), body].join("~");
}
