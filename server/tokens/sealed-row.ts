import "server-only";
import { ProofKey } from "../oidc/dpop";
import { noteBrokenSeal } from "./broken-seal";
import { type Holder, openToken, type SealOwner, sealToken } from "./seal";

/** The columns of a grant that say whose it is. */
export interface OwnedRow {
  userId: string;
  sessionId: string | null;
  service: string | null;
}

// A token that does not open can be neither revoked nor hinted with; signing out has to go on without it.
export function openOrNull(sealed: string | null, owner: SealOwner): string | null {
  try {
    return sealed === null ? null : openToken(sealed, owner);
  } catch {
    return null;
  }
}

/** Opens a sealed column, and writes down where it does not. @throws VaultError */
export async function open(sealed: string, owner: SealOwner, options?: { isReplaced?: boolean }): Promise<string> {
  try {
    return openToken(sealed, owner);
  } catch (error) {
    await noteBrokenSeal(error, owner, options);
    throw error;
  }
}

/** Whose a grant is. */
export function holderOf({ userId, sessionId, service }: OwnedRow): Holder {
  return { userId, of: sessionId ?? service };
}

/** The owner of a sealed column of a grant. */
export function grantOwner(id: string, column: "refreshToken" | "idToken" | "proofKey", holder: Holder): SealOwner {
  return { table: "Grant", id, column, ...holder };
}

/** The owner of a sealed access token. */
export function tokenOwner(id: string, holder: Holder): SealOwner {
  return { table: "AccessToken", id, column: "token", ...holder };
}

/** Seals the key of a grant. */
export function sealKey(key: ProofKey | null, grantId: string, holder: Holder): string | null {
  return key && sealToken(key.forVault(), grantOwner(grantId, "proofKey", holder));
}

/** Opens the key of a grant, and writes down where that fails. @throws VaultError */
export async function openKey(sealed: string | null, grantId: string, holder: Holder): Promise<ProofKey | null> {
  return sealed === null ? null : ProofKey.parse(await open(sealed, grantOwner(grantId, "proofKey", holder)));
}
