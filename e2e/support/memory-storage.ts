import type { AccessTokenStorage } from "../../edge/token-storage";

/** A storage of access tokens in one process, for tests, and for an app that wants to see what one is. */
export function createMemoryStorage(kept = new Map<string, { sealed: string; until: number }>()): AccessTokenStorage {
  return {
    async put(id, sealed, expiresAt) {
      kept.set(id, { sealed, until: expiresAt.getTime() });
    },
    async get(id) {
      const found = kept.get(id);
      return found && found.until > Date.now() ? found.sealed : null;
    },
    async remove(ids) {
      for (const id of ids) kept.delete(id);
    },
  };
}
