import "server-only";
import { z } from "zod";
import { countedDays, dayOf } from "../audit/count-days";
import { db } from "../db/client";

/** What happened so often on a day. Empty texts where there was no reason, or no provider. */
export interface DailyEvent {
  event: string;
  outcome: string;
  reason: string;
  provider: string;
  count: number;
}

export interface DailyFigures {
  /** The day's beginning, by UTC. */
  day: Date;
  events: DailyEvent[];
  users: number | null;
  sessions: number | null;
  mostSessions: number | null;
  /** Milliseconds that providers took over a sign-in: half were faster, and 19 of 20. Null where nobody signed in. */
  signInTimes: { median: number; p95: number } | null;
  /** When it was counted last; null for a day that nobody has counted. */
  countedAt: Date | null;
}

const eventsSchema = z.array(z.tuple([z.string(), z.string(), z.string(), z.string(), z.number()]));

/** The last days, the oldest first and today last: a row for each, also where nothing was counted. */
export async function listDailyFigures(now = new Date()): Promise<DailyFigures[]> {
  const today = dayOf(now).getTime();
  const days = Array.from({ length: countedDays }, (_, at) => new Date(today - (countedDays - 1 - at) * 86_400_000));
  const rows = await db.dailyCount.findMany({ where: { day: { gte: days[0] ?? now } } });
  return days.map((day) => {
    const row = rows.find((counted) => counted.day.getTime() === day.getTime());
    const parsed = eventsSchema.safeParse(row?.events);
    const events = (parsed.success ? parsed.data : []).map(([event, outcome, reason, provider, count]) => ({
      event,
      outcome,
      reason,
      provider,
      count,
    }));
    const { users = null, sessions = null, mostSessions = null, countedAt = null } = row ?? {};
    const [median, p95] = [row?.signInMedian ?? null, row?.signInP95 ?? null];
    const signInTimes = median === null || p95 === null ? null : { median, p95 };
    return { day, events, users, sessions, mostSessions, signInTimes, countedAt };
  });
}

/** How often something happened, by what fits. */
export function countOf(events: readonly DailyEvent[], fits: (event: DailyEvent) => boolean): number {
  return events.reduce((sum, event) => sum + (fits(event) ? event.count : 0), 0);
}
