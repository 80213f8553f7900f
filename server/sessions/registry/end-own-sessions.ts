import "server-only";
import type { SessionClaims } from "@/edge/session-cookie";
import type { Prisma } from "@/prisma/generated/client";
import { audited } from "../../audit/audit";
import { noteOf } from "./end-chosen";
import { type EndedSessions, endSessions, lockUser } from "./end-sessions";
import { expireLapsed } from "./expire-session";

export interface EndedOwn extends Pick<EndedSessions, "count" | "grants"> {
  /** This session's own ID token, to tell the provider who is leaving. */
  idToken: string | null;
}

/**
 * Ends the session that a cookie names, or with `everywhere` all of its person's, in one transaction with the audit
 * row. `scope` is what the person chose; the audit trail keeps it, and that they did not confirm who they are.
 */
export function endOwnSessions(
  claims: SessionClaims,
  scope: "device" | "provider" | "everywhere",
  { confirmed, now = new Date() }: { confirmed: boolean; now?: Date },
): Promise<EndedOwn> {
  return audited(async (tx, audit) => {
    // A sign-in that is being written on another device is waited for, and ends with the others.
    if (scope === "everywhere") await lockUser(tx, claims.sub);
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
    if (!own) {
      const count = scope === "everywhere" ? await countEndedWith(tx, claims) : 0;
      return { count, grants: lapsed.grants, idToken: null };
    }
    const ended = await endSessions(tx, which, { reason: "signed_out", by: "self", now });
    const who = { userId: claims.sub, sid: claims.sid, provider: claims.provider };
    await audit({
      ...who,
      event: "sign_out",
      outcome: "success",
      detail: { scope, count: ended.count, ...noteOf({ confirmed }) },
    });
    const idToken = ended.grants.find(({ sessionId }) => sessionId === own.id)?.idToken ?? null;
    return { count: ended.count, grants: [...lapsed.grants, ...ended.grants], idToken };
  });
}

/**
 * How many sessions an earlier sign-out ended together with this cookie's, where none of its user lives any more: that was
 * "everywhere", its answer was lost, and this is the same once more.
 */
async function countEndedWith(tx: Prisma.TransactionClient, { sid, sub: userId }: SessionClaims): Promise<number> {
  const where = { sessionToken: sid, userId, endReason: "signed_out" };
  const own = await tx.session.findFirst({ where, select: { endedAt: true } });
  if (!own || (await tx.session.count({ where: { userId, endedAt: null } })) > 0) return 0;
  return tx.session.count({ where: { userId, endReason: "signed_out", endedAt: own.endedAt } });
}
