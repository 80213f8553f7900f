import "server-only";
import { type AuditEntry, auditAtOnce } from "../audit/audit";

const minuteMs = 60_000;
const mostPerMinute = 20;
const remembered = 1000;
// How often the use of an ended session was written down in its current minute, by its secret id. Bounded: the oldest goes.
const noted = new Map<string, { since: number; count: number }>();

/**
 * Writes down that an ended session was used, a bounded number of times a minute for each session and instance: an old
 * tab that goes on asking, or somebody with a copied cookie, must not fill the table.
 */
export async function noteRejection(entry: Omit<AuditEntry, "event" | "outcome"> & { sid: string }): Promise<void> {
  const now = Date.now();
  let minute = noted.get(entry.sid);
  if (!minute || now - minute.since >= minuteMs) {
    minute = { since: now, count: 0 };
    noted.delete(entry.sid);
    noted.set(entry.sid, minute);
    if (noted.size > remembered) noted.delete(noted.keys().next().value as string);
  }
  minute.count += 1;
  if (minute.count > mostPerMinute) return;
  await auditAtOnce({ ...entry, event: "session.rejected", outcome: "failure" });
}
