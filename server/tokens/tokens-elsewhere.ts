import "server-only";
import { VaultError } from "./errors";
import type { SealOwner } from "./seal";
import { open } from "./sealed-row";
import type { BoundedStorage } from "./token-storage";

/** The row of an access token that was deleted. */
export interface ErasedRow {
  id: string;
  isElsewhere: boolean;
}

/**
 * What the vault has in another storage than its rows: sealed access tokens, by their rows' ids. See docs/decisions/0061.
 *
 * @param storageOf that storage; null where there is none
 */
export function tokensElsewhere(storageOf: () => BoundedStorage | null) {
  return {
    /**
     * Before its row, so that no other instance finds the one without the other.
     *
     * @returns whether it is there now; where not, it belongs into its row
     */
    async put(id: string, sealed: string, expiresAt: Date): Promise<boolean> {
      return (await storageOf()?.put(id, sealed, expiresAt)) ?? false;
    },

    /**
     * The token; null where it has to be fetched again. So has one that does not open: under a key that is no more, since re-sealing
     * does not reach it, or changed or swapped, which is written down. Whoever can write there so ends nobody's grant.
     */
    async find(id: string, owner: SealOwner): Promise<string | null> {
      const sealed = await storageOf()?.get(id);
      if (sealed == null) return null;
      try {
        return await open(sealed, owner, { isReplaced: true });
      } catch (error) {
        if (error instanceof VaultError) return null;
        throw error;
      }
    },

    /** Before the transaction has ended: were it undone, the tokens would be fetched again. */
    forget(rows: readonly Partial<ErasedRow>[]): void {
      storageOf()?.forget(rows.flatMap(({ id, isElsewhere }) => (id && isElsewhere ? id : [])));
    },
  };
}
