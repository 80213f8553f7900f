import "server-only";
import { tokenStorage, tokenStorageFault } from "../tokens/token-storage";
import { type Finding, found } from "./findings";

/** Whether the storage of access tokens that `daemun.hooks.ts` chooses answers; nothing where it chooses none. */
export async function examineTokenStorage(): Promise<Finding[]> {
  if (tokenStorageFault() !== null) return [found("tokenStorageUnused")];
  const storage = tokenStorage();
  if (storage === null) return [];
  return [found((await storage.isReached()) ? "tokenStorageReached" : "tokenStorageAway")];
}
