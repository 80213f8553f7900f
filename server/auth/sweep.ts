import "server-only";
import { deleteExpired, expiring } from "../db/delete-expired";
import { sweepSessions } from "../sessions/sweep-sessions";

/** How many rows one transaction ends or deletes at most. */
export const sweepBatch = 100;
const day = 86_400_000;

// How long a row stays after its end. A session's is a tombstone: it outlives every cookie that names it by days, and
// its person may still want to know how it ended.
const keptMs: Record<keyof typeof expiring, number> = {
  Session: 7 * day,
  AccessToken: day,
  SpentState: 0,
  LogoutToken: 0,
};

export interface Swept {
  /** Sessions that were ended because their deadline had passed. */
  ended: number;
  /** Rows that were deleted, by table. */
  deleted: Record<keyof typeof expiring, number>;
  /** Whether nothing is left to sweep: false when time ran out. */
  done: boolean;
}

/**
 * Ends what is over and deletes what nobody needs, in small batches until nothing is left or `timeMs` is over. Two at
 * once, on any instances, share the work.
 */
export async function sweep({ timeMs }: { timeMs: number }): Promise<Swept> {
  const until = Date.now() + timeMs;
  const swept: Swept = { ended: 0, deleted: { Session: 0, AccessToken: 0, SpentState: 0, LogoutToken: 0 }, done: true };
  const drain = async (once: () => Promise<number>, count: (rows: number) => void) => {
    for (let rows = sweepBatch; rows === sweepBatch; ) {
      if (Date.now() >= until) {
        swept.done = false;
        return;
      }
      rows = await once();
      count(rows);
    }
  };
  await drain(
    () => sweepSessions(sweepBatch),
    (rows) => {
      swept.ended += rows;
    },
  );
  for (const table of Object.keys(expiring) as (keyof typeof expiring)[]) {
    await drain(
      () => deleteExpired(table, new Date(Date.now() - keptMs[table]), sweepBatch),
      (rows) => {
        swept.deleted[table] += rows;
      },
    );
  }
  return swept;
}
