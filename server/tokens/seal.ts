import "server-only";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { env } from "../settings/env";
import { VaultError } from "./errors";

/**
 * What a sealed value begins with, and what is authenticated beside it: `v1` its row and column, `v2` also whose they are. Both
 * are read; see docs/decisions/0036.
 */
type Version = "v1" | "v2";

/** The version that is written: the former one while instances of a release before run, which do not read the new one. */
function writtenVersion(): Version {
  return env().vaultSealVersion === 1 ? "v1" : "v2";
}

/** Who the tokens of a grant belong to. */
export interface Holder {
  userId: string | null;
  /** The session, the service that was connected, the issuer that has to hear of it, or the algorithm of a key. */
  of: string | null;
}

/**
 * Whose sealed value this is: the row it stands in, what it is there, and who owns that. Part of what is authenticated, so
 * that a sealed value moved to another row or column, or with its row to somebody else, does not open.
 */
export interface SealOwner extends Holder {
  table: "Grant" | "AccessToken" | "Revocation" | "SigningKey";
  id: string;
  column: "refreshToken" | "idToken" | "proofKey" | "token" | "privateKey";
}

/**
 * Seals a token with AES-256-GCM under the newest vault key: `v2.<keyId>.<nonce>.<ciphertext and tag>`, base64url.
 * The nonce is fresh for each call. Source: NIST SP 800-38D, section 8.2.2.
 */
export function sealToken(token: string, owner: SealOwner): string {
  const newest = env().vaultKeys[0];
  if (!newest) throw new VaultError("KEY_MISSING");
  const nonce = randomBytes(12);
  const version = writtenVersion();
  const cipher = createCipheriv("aes-256-gcm", newest.key, nonce);
  cipher.setAAD(additionalData(version, newest.id, owner));
  const sealed = Buffer.concat([cipher.update(token, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return [version, newest.id, nonce.toString("base64url"), sealed.toString("base64url")].join(".");
}

/** What every value that is sealed now under this key begins with. */
export function sealedUnder(keyId: string): string {
  return `${writtenVersion()}.${keyId}.`;
}

/**
 * Opens what {@link sealToken} sealed for the same owner.
 *
 * @throws VaultError `KEY_UNKNOWN` when no configured key has the id; `SEAL_BROKEN` for anything changed or moved
 */
export function openToken(sealed: string, owner: SealOwner): string {
  const [version, keyId, nonce, body, ...rest] = sealed.split(".");
  if ((version !== "v1" && version !== "v2") || !keyId || !nonce || !body || rest.length > 0)
    throw new VaultError("SEAL_BROKEN");
  const found = env().vaultKeys.find(({ id }) => id === keyId);
  if (!found) throw new VaultError("KEY_UNKNOWN");
  const bytes = Buffer.from(body, "base64url");
  try {
    const decipher = createDecipheriv("aes-256-gcm", found.key, Buffer.from(nonce, "base64url"), { authTagLength: 16 });
    decipher.setAAD(additionalData(version, keyId, owner));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new VaultError("SEAL_BROKEN", { cause });
  }
}

function additionalData(version: Version, keyId: string, { table, id, column, userId, of }: SealOwner): Buffer {
  const place = [version, keyId, table, id, column];
  // As JSON, so that no part of one owner can pass for a part of another.
  return Buffer.from((version === "v1" ? place : [...place, JSON.stringify([userId, of])]).join("\n"));
}
