import "server-only";
import { db } from "../db/client";
import { describeError, log } from "../http/log";
import { countDay } from "./count-day";

const day = 86_400_000;
/** As many days are counted, today included. */
export const countedDays = 30;
// A row may be written late: its database was away, or its transaction took its time.
const lateMs = 60 * 60_000;
// Several instances sweep: the first of them counts.
const freshMs = 5 * 60_000;
// To count more users than these, PostgreSQL would read for longer than a figure is worth: it estimates them by itself.
const mostUsersCounted = 100_000;

/** The beginning of a day, by UTC. */
export function dayOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / day) * day);
}

/**
 * Counts what the audit trail has of each day, for plots that must not read it: today, and days before it that nobody has
 * counted since they were over. Counting once more gives the same, so that nothing is lost when a process dies or two count.
 * Never throws; what could not be counted is counted next time, and keeps no other day from it.
 *
 * @param countSessions how many sessions live now
 * @returns false when time ran out before, or something could not be counted
 */
export async function countDays(
  countSessions: () => Promise<number>,
  { until, keptDays, now = new Date() }: { until: number; keptDays: number; now?: Date },
): Promise<boolean> {
  const today = dayOf(now);
  let isDone = await isQuiet(today, () => countToday(today, now, countSessions));
  const due: Date[] = [];
  isDone = (await isQuiet(null, async () => void due.push(...(await findDue(today, now))))) && isDone;
  for (const each of due) {
    if (Date.now() >= until) return false;
    let isFree = true;
    const isCounted = await isQuiet(each, async () => {
      isFree = await countDay(each, now);
    });
    // Somebody else is at it.
    if (!isFree) return false;
    isDone &&= isCounted;
  }
  const before = new Date(today.getTime() - keptDays * day);
  const isTidy = await isQuiet(null, () => db.dailyCount.deleteMany({ where: { day: { lt: before } } }));
  return isDone && isTidy;
}

/** Does a part of it. @returns false where it failed, and the log says why */
async function isQuiet(of: Date | null, part: () => Promise<unknown>): Promise<boolean> {
  try {
    await part();
    return true;
  } catch (error) {
    const which = of && { day: of.toISOString().slice(0, 10) };
    log.warn("audit.days_not_counted", { ...which, cause: describeError(error) });
    return false;
  }
}

async function countToday(today: Date, now: Date, countSessions: () => Promise<number>): Promise<void> {
  const known = await db.dailyCount.findUnique({ where: { day: today }, select: { countedAt: true } });
  if (known && Math.abs(now.getTime() - known.countedAt.getTime()) < freshMs) return;
  if (!(await countDay(today, now))) return;
  const [sessions, users] = await Promise.all([countSessions(), countUsers()]);
  await db.$executeRaw`
    UPDATE "DailyCount" SET users = ${users}, sessions = ${sessions},
      "mostSessions" = GREATEST("mostSessions", ${sessions}) WHERE day = ${today}::date`;
}

async function countUsers(): Promise<number> {
  // Less than 0 where it has not looked at the table yet.
  const [table] = await db.$queryRaw<{ rows: number }[]>`
    SELECT reltuples::int AS rows FROM pg_class WHERE oid = '"User"'::regclass`;
  return table && table.rows > mostUsersCounted ? table.rows : db.user.count();
}

/** The days before today that were not counted after they were over, the last one first. */
async function findDue(today: Date, now: Date): Promise<Date[]> {
  const first = new Date(today.getTime() - (countedDays - 1) * day);
  const counted = await db.dailyCount.findMany({
    where: { day: { gte: first, lt: today } },
    select: { day: true, countedAt: true },
  });
  const due: Date[] = [];
  for (let at = today.getTime() - day; at >= first.getTime(); at -= day) {
    const countedAt = counted.find((row) => row.day.getTime() === at)?.countedAt.getTime() ?? 0;
    // Yesterday is counted as it stands, and once more when what comes late has come.
    const wanted = now.getTime() < at + day + lateMs ? at + day : at + day + lateMs;
    if (countedAt < wanted) due.push(new Date(at));
  }
  return due;
}
