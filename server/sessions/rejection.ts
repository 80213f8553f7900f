import "server-only";
import { type AuditEntry, auditAtOnce } from "../audit/audit";
import { createMinuteBound } from "../audit/minute-bound";

// An old tab that goes on asking, or somebody with a copied cookie, must not fill the table.
const mayNote = createMinuteBound(20);

/** Writes down that an ended session was used, a bounded number of times a minute for each session and instance. */
export async function noteRejection(entry: Omit<AuditEntry, "event" | "outcome"> & { sid: string }): Promise<void> {
  if (mayNote(entry.sid)) await auditAtOnce({ ...entry, event: "session.rejected", outcome: "failure" });
}
