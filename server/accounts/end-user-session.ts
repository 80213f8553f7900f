import "server-only";
import { audited } from "../audit/audit";
import { endSessions } from "../sessions/registry/end-sessions";
import { expireLapsed } from "../sessions/registry/expire-session";
import { type Actor, auditAct } from "./actor";
import { revokeLater } from "./end-user-sessions";

/** Ends one session by its public id, whosever it is. @returns false where none of that id lives */
export async function endUserSession(id: string, { actor }: { actor: Actor }): Promise<boolean> {
  const { ended, grants } = await audited(async (tx, audit) => {
    const now = new Date();
    // One whose deadline has passed has ended by that, and is no success of this.
    const lapsed = await expireLapsed(tx, audit, { id }, now);
    const by = actor.kind === "self" ? "self" : "admin";
    const { sessions, grants } = await endSessions(tx, { id }, { reason: "session_revoked", by, now });
    for (const { userId } of sessions) await auditAct(audit, actor, { act: "end_session", userId, session: id });
    return { ended: sessions.length, grants: [...lapsed.grants, ...grants] };
  });
  revokeLater(grants);
  return ended > 0;
}
