import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import { audited } from "../audit/audit";
import { type WithdrawnGrant, withdrawGrants } from "../tokens/grants";

/** Why a session ended, as its row keeps it. */
export type EndReason =
  | "signed_out"
  | "replaced"
  | "session_idle"
  | "session_expired"
  | "signed_out_by_provider"
  | "session_revoked";

export interface EndedSessions {
  /** How many were alive until now. */
  count: number;
  /** What their grants held, to tell the provider. */
  grants: WithdrawnGrant[];
}

/**
 * Ends sessions in the caller's transaction. Rows stay as tombstones until their absolute deadline, so that no cookie
 * and no request in flight brings them back. Already ended ones are left as they are.
 */
export async function endSessions(
  tx: Prisma.TransactionClient,
  which: Prisma.SessionWhereInput,
  { reason, by, now = new Date() }: { reason: EndReason; by: string; now?: Date },
): Promise<EndedSessions> {
  const ended = await tx.session.updateManyAndReturn({
    where: { ...which, endedAt: null },
    data: { endedAt: now, endReason: reason, endedBy: by },
    select: { id: true },
  });
  if (ended.length === 0) return { count: 0, grants: [] };
  const grants = await withdrawGrants(
    tx,
    ended.map(({ id }) => id),
    reason,
  );
  return { count: ended.length, grants };
}

/** Ends a session whose deadline has passed, once: of several requests that notice, one writes the audit row. */
export async function expireSession(
  row: { id: string; sessionToken: string; userId: string; provider: string; issuer: string },
  reason: Extract<ErrorCode, "session_idle" | "session_expired">,
): Promise<void> {
  const now = new Date();
  // Judged once more where it is written: a sibling request may have rolled the deadline meanwhile.
  const isOver = { OR: [{ expires: { lte: now } }, { idleExpiresAt: { lte: now } }] };
  await audited(async (tx, audit) => {
    const { count } = await endSessions(tx, { id: row.id, ...isOver }, { reason, by: "policy", now });
    if (count === 0) return;
    const { sessionToken: sid, userId, provider, issuer } = row;
    const detail = { cause: reason === "session_idle" ? "idle" : "absolute" };
    await audit({ event: "session.expired", outcome: "success", reason, userId, sid, provider, issuer, detail });
  });
}
