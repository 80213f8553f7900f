import "server-only";
import { db } from "../../db/client";
import { describeError, log } from "../../http/log";

/** How long a return path may be to travel in a cookie: five of them have to fit into a request's headers. */
export const longestInCookie = 256;

/**
 * Keeps a return path that is too long for a cookie, under the hash of its `state`. False while the database is away: the
 * cookie has to carry it then, as long as it fits.
 */
export async function keepReturnPath(stateHash: string, path: string, expiresAt: Date): Promise<boolean> {
  try {
    await db.returnPath.create({ data: { stateHash, path, expiresAt } });
    return true;
  } catch (error) {
    log.warn("return_path.not_kept", { cause: describeError(error) });
    return false;
  }
}

/** The return path that was kept for a `state`, or null where there is none or the database cannot be asked. */
export async function findReturnPath(stateHash: string): Promise<string | null> {
  const row = await db.returnPath.findUnique({ where: { stateHash }, select: { path: true } }).catch(() => null);
  return row?.path ?? null;
}
