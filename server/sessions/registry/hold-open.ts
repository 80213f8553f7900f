import "server-only";
import { db } from "../../db/client";
import type { ActiveSession } from "./active-session";
import { type OpenCall, openCallsOf, type SessionOutlook } from "./open-calls";
import { passedDeadline } from "./passed-deadline";
import { endCode } from "./session-end";

/**
 * Binds a call to the life of the session that makes it. What another instance ends is noticed within six seconds. While the
 * database cannot be asked, a call goes on for 15 seconds after it last could be: longer, and nobody would know whether
 * the session lives.
 */
export function holdOpen(session: ActiveSession): OpenCall {
  return openCallsOf({ look: lookAtSessions, everyMs: 5_000, unprovenMs: 15_000 }).hold(session);
}

interface Row {
  id: string;
  endedAt: Date | null;
  endReason: string | null;
  expires: Date;
  expiresBy: string;
  idleExpiresAt: Date;
  disabledAt: Date | null;
}

/** What the registry says of many sessions, by one query on the primary key. Of one without a row, nothing. Changes nothing. */
async function lookAtSessions(ids: readonly string[]): Promise<Map<string, SessionOutlook>> {
  // One parameter, whatever their number.
  const rows = await db.$queryRaw<Row[]>`
    SELECT s.id, s."endedAt", s."endReason", s.expires, s."expiresBy", s."idleExpiresAt", u."disabledAt"
    FROM "Session" s JOIN "User" u ON u.id = s."userId" WHERE s.id = ANY(${ids}::uuid[])`;
  const now = new Date();
  return new Map(rows.map((row) => [row.id, outlookOf(row, now)]));
}

function outlookOf(row: Row, now: Date): SessionOutlook {
  if (row.endedAt) return { code: endCode(row.endReason) };
  if (row.disabledAt) return { code: "account_disabled" };
  const passed = passedDeadline(row, now);
  if (passed) return { code: endCode(passed) };
  return { until: new Date(Math.min(row.idleExpiresAt.getTime(), row.expires.getTime())) };
}
