import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";

const day = 86_400_000;
// A statement counts no more rows than these, however many a day has: it stays far from the limit of a statement.
const mostCounted = 100_000;
// Of a day's last sign-ins so many tell how long they took.
const mostTimed = 20_000;
// A day of ten million rows takes a few seconds.
const dayTimeMs = 30_000;
// Names the lock of whoever counts: "daemun daily counts".
const lock = 72_707_370;

/** Event, outcome, reason, provider, and how many of them. */
type Counts = Map<string, [event: string, outcome: string, reason: string, provider: string, count: number]>;

/**
 * Counts what the audit trail has of one day, and writes it down: the whole day each time.
 *
 * @param from the beginning of the day
 * @param most how many rows a statement counts at most, but for those of one millisecond
 * @returns false where another counts now
 */
export function countDay(from: Date, now: Date, most = mostCounted): Promise<boolean> {
  const to = new Date(from.getTime() + day);
  return db.$transaction(
    async (tx) => {
      const [row] = await tx.$queryRaw<{ free: boolean }[]>`SELECT pg_try_advisory_xact_lock(${lock}) AS free`;
      if (!row?.free) return false;
      const counts: Counts = new Map();
      for (let at = from; at < to; ) {
        const end = await endOfPart(tx, { from: at, to, most });
        await countPart(tx, counts, { from: at, to: end });
        at = end;
      }
      const { median, p95 } = await signInTimes(tx, { from, to });
      await tx.$executeRaw`
        INSERT INTO "DailyCount" (day, events, "signInMedian", "signInP95", "countedAt")
        VALUES (${from}::date, ${JSON.stringify([...counts.values()])}::jsonb, ${median}::int, ${p95}::int, ${now})
        ON CONFLICT (day) DO UPDATE SET events = EXCLUDED.events, "signInMedian" = EXCLUDED."signInMedian",
          "signInP95" = EXCLUDED."signInP95", "countedAt" = EXCLUDED."countedAt"`;
      return true;
    },
    { timeout: dayTimeMs },
  );
}

interface Part {
  from: Date;
  /** Excluded. */
  to: Date;
}

/** Until when there are no more than `most` rows. */
async function endOfPart(tx: Prisma.TransactionClient, { from, to, most }: Part & { most: number }): Promise<Date> {
  const [next] = await tx.$queryRaw<{ at: Date }[]>`
    SELECT at FROM "AuditEvent" WHERE at >= ${from} AND at < ${to} ORDER BY at OFFSET ${most} LIMIT 1`;
  if (!next) return to;
  // So many of one millisecond are counted together.
  return new Date(Math.max(next.at.getTime(), from.getTime() + 1));
}

async function countPart(tx: Prisma.TransactionClient, counts: Counts, { from, to }: Part): Promise<void> {
  const rows = await tx.$queryRaw<{ event: string; outcome: string; reason: string; provider: string; n: number }[]>`
    SELECT event, outcome, COALESCE(reason, '') AS reason, COALESCE(provider, '') AS provider, count(*)::int AS n
    FROM "AuditEvent" WHERE at >= ${from} AND at < ${to} GROUP BY 1, 2, 3, 4`;
  for (const { event, outcome, reason, provider, n } of rows) {
    const key = JSON.stringify([event, outcome, reason, provider]);
    counts.set(key, [event, outcome, reason, provider, n + (counts.get(key)?.[4] ?? 0)]);
  }
}

/** Milliseconds that providers took over sign-ins; of a row that is older than this figure nothing is known. */
async function signInTimes(tx: Prisma.TransactionClient, { from, to }: Part) {
  const [times] = await tx.$queryRaw<{ median: number | null; p95: number | null }[]>`
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::int AS median,
      percentile_cont(0.95) WITHIN GROUP (ORDER BY ms)::int AS p95
    FROM (
      SELECT (detail->>'providerMs')::float8 AS ms FROM "AuditEvent"
      WHERE event = 'sign_in.succeeded' AND at >= ${from} AND at < ${to}
        AND jsonb_typeof(detail->'providerMs') = 'number'
      ORDER BY at DESC LIMIT ${mostTimed}) timed`;
  return times ?? { median: null, p95: null };
}
