import "server-only";
import { audited } from "../audit/audit";
import { type Actor, auditAct } from "./actor";
import { lockAccount } from "./lock-account";

/** As many characters has a note. */
export const longestNote = 2_000;

/** Keeps what administrators write down about a user, in place of what stood there; nothing for an empty one. */
export function noteUser(
  userId: string,
  note: string,
  { actor }: { actor: Actor },
): Promise<{ kind: "done" | "unknown" }> {
  return audited(async (tx, audit) => {
    if (!(await lockAccount(tx, userId))) return { kind: "unknown" };
    const kept = note.trim().replaceAll("\0", "").toWellFormed().slice(0, longestNote);
    await tx.user.update({ where: { id: userId }, data: { note: kept || null } });
    // What it says is in the row alone.
    await auditAct(audit, actor, { act: "note", userId, length: kept.length });
    return { kind: "done" };
  });
}
