import "server-only";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { env } from "../env";
import { VaultError } from "./errors";

const version = "v1";

/**
 * Whose sealed value this is: the row it stands in and what it is there. Part of what is authenticated, so that a
 * sealed value moved to another row or column does not open.
 */
export interface SealOwner {
  table: "Grant" | "AccessToken";
  id: string;
  column: "refreshToken" | "idToken" | "token";
}

/**
 * Seals a token with AES-256-GCM under the newest vault key: `v1.<keyId>.<nonce>.<ciphertext and tag>`, base64url.
 * The nonce is fresh for each call. Source: NIST SP 800-38D, section 8.2.2.
 */
export function sealToken(token: string, owner: SealOwner): string {
  const newest = env().vaultKeys[0];
  if (!newest) throw new VaultError("KEY_MISSING");
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", newest.key, nonce);
  cipher.setAAD(additionalData(newest.id, owner));
  const sealed = Buffer.concat([cipher.update(token, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return [version, newest.id, nonce.toString("base64url"), sealed.toString("base64url")].join(".");
}

/** What every value sealed under this key begins with. */
export function sealedUnder(keyId: string): string {
  return `${version}.${keyId}.`;
}

/**
 * Opens what {@link sealToken} sealed for the same owner.
 *
 * @throws VaultError `KEY_UNKNOWN` when no configured key has the id; `SEAL_BROKEN` for anything changed or moved
 */
export function openToken(sealed: string, owner: SealOwner): string {
  const [sealedVersion, keyId, nonce, body, ...rest] = sealed.split(".");
  if (sealedVersion !== version || !keyId || !nonce || !body || rest.length > 0) throw new VaultError("SEAL_BROKEN");
  const found = env().vaultKeys.find(({ id }) => id === keyId);
  if (!found) throw new VaultError("KEY_UNKNOWN");
  const bytes = Buffer.from(body, "base64url");
  try {
    const decipher = createDecipheriv("aes-256-gcm", found.key, Buffer.from(nonce, "base64url"), { authTagLength: 16 });
    decipher.setAAD(additionalData(keyId, owner));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new VaultError("SEAL_BROKEN", { cause });
  }
}

function additionalData(keyId: string, { table, id, column }: SealOwner): Buffer {
  return Buffer.from([version, keyId, table, id, column].join("\n"));
}
