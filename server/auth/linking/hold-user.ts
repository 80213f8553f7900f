import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import type { ActiveSession } from "../../sessions/registry/active-session";
import { lockUser } from "../../sessions/registry/end-sessions";
import { LinkingError } from "./linking-failure";

/**
 * Holds the row of the session's user until the caller's transaction ends: what changes their identities passes one after the
 * other, on all instances. The session has to live, and its user to be there and enabled, once the row is held.
 *
 * @throws LinkingError `account_disabled`, `session_revoked`
 */
export async function holdUser(tx: Prisma.TransactionClient, session: ActiveSession): Promise<void> {
  const { id: userId } = session.user;
  await lockUser(tx, userId);
  const user = await tx.user.findUnique({ where: { id: userId }, select: { disabledAt: true } });
  if (user?.disabledAt) throw new LinkingError("account_disabled", "disabled");
  const alive = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "Session"
    WHERE id = ${session.id}::uuid AND "userId" = ${userId}::uuid AND "endedAt" IS NULL FOR SHARE`;
  if (!user || alive.length === 0) throw new LinkingError("session_revoked", "session_ended");
}
