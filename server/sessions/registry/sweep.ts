import "server-only";
import { logAnchor } from "../../audit/anchor";
import { countDays } from "../../audit/count-days";
import { keepMonths } from "../../audit/retention";
import { sealQuietly } from "../../audit/seal-by-itself";
import { deleteExpired, expiring } from "../../db/delete-expired";
import { env } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { revokeQuietly, revokeWaiting } from "../../tokens/revoke-grants";
import { countActiveSessions } from "./count-active-sessions";
import { type CleanUpBy, noteCleanUp } from "./note-clean-up";
import { sweepSessions } from "./sweep-sessions";

/** How many rows one transaction ends or deletes at most. */
export const sweepBatch = 100;
const day = 86_400_000;

// How long a row stays after its end. A session's is a tombstone: it outlives every cookie that names it by days, and
// its person may still want to know how it ended.
const rowKeptMs: Record<keyof typeof expiring, () => number> = {
  Session: () => 7 * day,
  // By the clock of whoever wrote it.
  AccessToken: () => 5 * 60_000,
  SpentState: () => 0,
  LogoutToken: () => 0,
  // It ends by the database's clock, which may be behind this one.
  RateLimit: () => 5 * 60_000,
  // Whole months go, and the last row of one is the last to be that old.
  AuditEvent: () => (env().auditRetentionDays + 31) * day,
  Revocation: () => 0,
  ReturnPath: () => 0,
  // As long as its cookie.
  Device: () => 400 * day,
  WebhookMessage: () => 0,
};

/** For how many milliseconds after its end a table's row stays, until a clean-up takes it away. */
export function keptMs(table: keyof typeof expiring): number {
  return rowKeptMs[table]();
}

const nothing = {
  Session: 0,
  AccessToken: 0,
  SpentState: 0,
  LogoutToken: 0,
  RateLimit: 0,
  AuditEvent: 0,
  Revocation: 0,
  ReturnPath: 0,
  Device: 0,
  WebhookMessage: 0,
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
 * Ends what is over and deletes what nobody needs, in small batches until nothing is left or `timeMs` is over, but for
 * the batch under way. Two at once, on any instances, share the work. Providers are told of refresh tokens that nobody uses,
 * and what happened each day is counted for plots.
 *
 * When it has ended, that is noted.
 *
 * @param by who has it done
 * @param services the authorization servers of services, which are told too
 */
export async function sweep({
  by,
  timeMs,
  services = [],
}: {
  by: CleanUpBy;
  timeMs: number;
  services?: readonly ProviderSettings[];
}): Promise<Swept> {
  const swept: Swept = { ended: 0, deleted: { ...nothing }, done: true };
  // Half of the time for each, so that a provider that is slow to be told keeps nothing from being deleted.
  const endBy = Date.now() + timeMs / 2;
  swept.done = await drain(endBy, async () => {
    const { count, grants } = await sweepSessions(sweepBatch);
    swept.ended += count;
    await revokeQuietly(grants);
    return count;
  });
  // What a process that died, or a provider that was away, has left.
  for (const provider of [...env().providers, ...services]) if (Date.now() < endBy) await revokeWaiting(provider);
  // Where no server lives on, what nobody sealed after its own request; and a hash for the log in a quiet hour.
  await sealQuietly(endBy);
  await logAnchor();
  const deleteBy = Date.now() + timeMs / 2;
  for (const table of Object.keys(expiring) as (keyof typeof expiring)[]) {
    if (table === "AuditEvent") {
      const kept = await keepMonths(deleteBy);
      swept.deleted.AuditEvent += kept.deleted;
      swept.done &&= kept.done;
      continue;
    }
    const isDone = await drain(deleteBy, async () => {
      const count = await deleteExpired(table, new Date(Date.now() - rowKeptMs[table]()), sweepBatch);
      swept.deleted[table] += count;
      return count;
    });
    swept.done &&= isDone;
  }
  const isCounted = await countDays(countActiveSessions, { until: deleteBy, keptDays: env().auditRetentionDays });
  swept.done &&= isCounted;
  await noteCleanUp(by, swept.done);
  return swept;
}

/** Repeats `once` until a batch is not full. @returns false when time ran out before */
async function drain(until: number, once: () => Promise<number>): Promise<boolean> {
  while (Date.now() < until) if ((await once()) < sweepBatch) return true;
  return false;
}
