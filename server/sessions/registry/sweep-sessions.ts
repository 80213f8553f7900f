import "server-only";
import { audited } from "../../audit/audit";
import type { EndedSessions } from "./end-sessions";
import { expireEach } from "./expire-session";
import type { Limits } from "./passed-deadline";

/**
 * Ends up to `batch` sessions whose deadline passed without anybody coming back, so that their tokens are erased too.
 * Rows that somebody else is writing are left for the next time.
 *
 * @returns how many were ended, and what their grants held, to tell the providers
 */
export function sweepSessions(batch: number): Promise<EndedSessions> {
  const now = new Date();
  return audited(async (tx, audit) => {
    // PostgreSQL does not see that rows without "endedAt" all have the same one: only with it in the order, which it does
    // not change, does the index give the oldest at once. Else every row that is over is read and sorted for each batch.
    const over = await tx.$queryRaw<(Limits & { id: string })[]>`
      SELECT id, expires, "expiresBy", "idleExpiresAt" FROM "Session"
      WHERE "endedAt" IS NULL AND "idleExpiresAt" <= ${now}
      ORDER BY "endedAt", "idleExpiresAt" LIMIT ${batch} FOR UPDATE SKIP LOCKED`;
    return expireEach(tx, audit, over, now);
  });
}
