import type { JWTPayload } from "jose";
import { decryptCompact, encryptCompact } from "./compact-jwe";
import { openJoined } from "./joined-value";
import { deriveKey, keyNamedIn, type SealingKey, type SealPurpose } from "./sealing-keys";

export interface Sealer {
  /** Encrypts `claims` until `expiresAt` (UNIX seconds) under the first secret. */
  seal(claims: JWTPayload, expiresAt: number): Promise<string>;
  /** Answers the claims, or null for whatever is not ours, not whole, or past its end. Never throws. */
  open(sealed: string, now?: Date): Promise<JWTPayload | null>;
}

/**
 * Seals small claim sets as one compact JWE with `alg: dir` and `enc: A256GCM`. While secrets are being changed, instances
 * differ in what they know: a new secret is put last until every instance opens it, and only then first
 * (docs/decisions/0027-one-seal-two-steps.md).
 *
 * @param secrets the first seals, every one opens
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
      const [first] = await keys();
      if (!first) throw new Error("No sealing secret is configured.");
      return encryptCompact(new TextEncoder().encode(JSON.stringify({ ...claims, exp: expiresAt })), first);
    },
    async open(sealed, now = new Date()) {
      try {
        const available = await keys();
        const joined = await openJoined(sealed, available);
        const opened = joined
          ? await decryptCompact(joined.body, () => joined.key)
          : await decryptCompact(sealed, keyNamedIn(available));
        return claimsIn(opened, now);
      } catch {
        return null;
      }
    },
  };
}

/** The claims, if they are such and their end has not come (RFC 7519, section 4.1.4). */
function claimsIn(plaintext: Uint8Array, now: Date): JWTPayload | null {
  const claims: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plaintext));
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) return null;
  const { exp } = claims as JWTPayload;
  return typeof exp === "number" && exp > Math.floor(now.getTime() / 1000) ? (claims as JWTPayload) : null;
}
