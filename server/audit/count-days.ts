import "server-only";
import { db } from "../db/client";
import { describeError, log } from "../http/log";

const day = 86_400_000;
/** As many days are counted, today included. */
export const countedDays = 30;
// A row may be written late: its database was away, or its transaction took its time.
const lateMs = 60 * 60_000;
// Several instances sweep: the first of them counts.
const freshMs = 5 * 60_000;
// Names the lock of whoever counts: "daemun daily counts".
const lock = 72_707_370;

/** The beginning of a day, by UTC. */
export function dayOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / day) * day);
}

/**
 * Counts what the audit trail has of each day, for plots that must not read it: today, and days before it that nobody has
 * counted since they were over. Counting once more gives the same, so that nothing is lost when a process dies or two count.
 * Never throws; what could not be counted is counted next time.
 *
 * @param countSessions how many sessions live now
 * @returns false when time ran out before
 */
export async function countDays(
  countSessions: () => Promise<number>,
  { until, keptDays, now = new Date() }: { until: number; keptDays: number; now?: Date },
): Promise<boolean> {
  try {
    const today = dayOf(now);
    await countToday(today, now, countSessions);
    for (;;) {
      const due = await findDue(today, now);
      if (!due) break;
      if (Date.now() >= until) return false;
      // Somebody else is at it.
      if (!(await countDay(due, now))) return false;
    }
    await db.dailyCount.deleteMany({ where: { day: { lt: new Date(today.getTime() - keptDays * day) } } });
  } catch (error) {
    log.warn("audit.days_not_counted", { cause: describeError(error) });
  }
  return true;
}

async function countToday(today: Date, now: Date, countSessions: () => Promise<number>): Promise<void> {
  const known = await db.dailyCount.findUnique({ where: { day: today }, select: { countedAt: true } });
  if (known && Math.abs(now.getTime() - known.countedAt.getTime()) < freshMs) return;
  if (!(await countDay(today, now))) return;
  const [sessions, users] = await Promise.all([countSessions(), db.user.count()]);
  await db.$executeRaw`
    UPDATE "DailyCount" SET users = ${users}, sessions = ${sessions},
      "mostSessions" = GREATEST("mostSessions", ${sessions}) WHERE day = ${today}::date`;
}

/** The last day before today that was not counted after it was over, null where all were. */
async function findDue(today: Date, now: Date): Promise<Date | null> {
  const first = new Date(today.getTime() - (countedDays - 1) * day);
  const counted = await db.dailyCount.findMany({
    where: { day: { gte: first, lt: today } },
    select: { day: true, countedAt: true },
  });
  const isDone = new Set(
    counted
      .filter((row) => row.countedAt.getTime() >= row.day.getTime() + day + lateMs)
      .map((row) => row.day.getTime()),
  );
  for (let at = today.getTime() - day; at >= first.getTime(); at -= day) {
    // Yesterday is counted as it stands, and once more when what comes late has come.
    const isEarly = now.getTime() < at + day + lateMs;
    const known = counted.find((row) => row.day.getTime() === at);
    if (!isDone.has(at) && !(isEarly && known && known.countedAt.getTime() >= at + day)) return new Date(at);
  }
  return null;
}

/** Counts one day. @returns false where another counts now */
async function countDay(from: Date, now: Date): Promise<boolean> {
  const to = new Date(from.getTime() + day);
  return db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ free: boolean }[]>`SELECT pg_try_advisory_xact_lock(${lock}) AS free`;
    if (!row?.free) return false;
    await tx.$executeRaw`
      INSERT INTO "DailyCount" (day, events, "countedAt")
      SELECT ${from}::date, COALESCE(jsonb_agg(jsonb_build_array(event, outcome, reason, provider, n)), '[]'), ${now}
      FROM (
        SELECT event, outcome, COALESCE(reason, '') AS reason, COALESCE(provider, '') AS provider, count(*) AS n
        FROM "AuditEvent" WHERE at >= ${from} AND at < ${to} GROUP BY 1, 2, 3, 4
      ) counts
      ON CONFLICT (day) DO UPDATE SET events = EXCLUDED.events, "countedAt" = EXCLUDED."countedAt"`;
    return true;
  });
}
