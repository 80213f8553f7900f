import "server-only";
import type { SessionClaims } from "@/edge/session-cookie";
import { audited } from "../audit/audit";
import { type EndedSessions, endSessions } from "./end-sessions";
import { expireLapsed } from "./expire-session";
import { lockPerson } from "./lock-person";

export interface EndedOwn extends Pick<EndedSessions, "count" | "grants"> {
  /** This session's own ID token, to tell the provider who is leaving. */
  idToken: string | null;
}

/**
 * Ends the session that a cookie names, or with `everywhere` all of its person's, in one transaction with the audit
 * row. `scope` is what the person chose; the audit trail keeps it.
 */
export function endOwnSessions(
  claims: SessionClaims,
  scope: "device" | "provider" | "everywhere",
  now = new Date(),
): Promise<EndedOwn> {
  return audited(async (tx, audit) => {
    // A sign-in that is being written on another device is waited for, and ends with the others.
    if (scope === "everywhere") await lockPerson(tx, claims.sub);
    // A cookie outlives its session. Only a live one speaks for its person: a stolen, dead one must not end others, nor
    // be handed an ID token.
    const own = await tx.session.findFirst({
      where: {
        sessionToken: claims.sid,
        userId: claims.sub,
        endedAt: null,
        expires: { gt: now },
        idleExpiresAt: { gt: now },
      },
      select: { id: true },
    });
    const isThisOne = own === null || scope !== "everywhere";
    const which = { userId: claims.sub, ...(isThisOne && { sessionToken: claims.sid }) };
    const lapsed = await expireLapsed(tx, audit, which, now);
    if (!own) return { count: 0, grants: lapsed.grants, idToken: null };
    const ended = await endSessions(tx, which, { reason: "signed_out", by: "self", now });
    const who = { userId: claims.sub, sid: claims.sid, provider: claims.provider };
    await audit({ ...who, event: "sign_out", outcome: "success", detail: { scope, count: ended.count } });
    const idToken = ended.grants.find(({ sessionId }) => sessionId === own.id)?.idToken ?? null;
    return { count: ended.count, grants: [...lapsed.grants, ...ended.grants], idToken };
  });
}
