import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import { type Audit, audited } from "../../audit/audit";
import { afterResponse } from "../../http/after-response";
import { revokeQuietly } from "../../tokens/revoke-grants";
import { type EndedSessions, endSessions } from "./end-sessions";
import { type DeadlineReason, deadlineReasons, type Limits, passedDeadline } from "./passed-deadline";

/** Ends a session whose deadline has passed, once: of several requests that notice, one writes the audit row. */
export async function expireSession(id: string, reason: DeadlineReason): Promise<void> {
  const { grants } = await audited((tx, audit) => expireSessions(tx, audit, { id }, reason));
  afterResponse(() => revokeQuietly(grants));
}

/**
 * Ends what of `which` is over, for whoever ends the rest, in the caller's transaction. Left alone it could come back: a
 * request in flight, or an instance whose clock is behind, may still roll its deadline.
 */
export async function expireLapsed(
  tx: Prisma.TransactionClient,
  audit: Audit,
  which: Prisma.SessionWhereInput,
  now: Date,
): Promise<EndedSessions> {
  const lapsed = await tx.session.findMany({
    where: { AND: [which, { endedAt: null, idleExpiresAt: { lte: now } }] },
    select: { id: true, expires: true, expiresBy: true, idleExpiresAt: true },
  });
  return expireEach(tx, audit, lapsed, now);
}

/** Ends sessions of which some deadline has passed, each for its own reason, in the caller's transaction. */
export async function expireEach(
  tx: Prisma.TransactionClient,
  audit: Audit,
  rows: readonly (Limits & { id: string })[],
  now: Date,
): Promise<EndedSessions> {
  const all: EndedSessions = { count: 0, sessions: [], grants: [] };
  for (const reason of deadlineReasons) {
    const ids = rows.filter((row) => passedDeadline(row, now) === reason).map(({ id }) => id);
    if (ids.length === 0) continue;
    const ended = await expireSessions(tx, audit, { id: { in: ids } }, reason);
    all.count += ended.count;
    all.sessions.push(...ended.sessions);
    all.grants.push(...ended.grants);
  }
  return all;
}

/**
 * Ends those of `which` whose deadline has passed, in the caller's transaction, with an audit row each. Judged where it
 * is written: a sibling request may have rolled a deadline meanwhile.
 */
async function expireSessions(
  tx: Prisma.TransactionClient,
  audit: Audit,
  which: Prisma.SessionWhereInput,
  reason: DeadlineReason,
): Promise<EndedSessions> {
  const now = new Date();
  const isOver = { OR: [{ expires: { lte: now } }, { idleExpiresAt: { lte: now } }] };
  const ended = await endSessions(tx, { AND: [which, isOver] }, { reason, by: "policy", now });
  const { code, cause } = wordsOf[reason];
  await audit(
    ...ended.sessions.map((who) => ({
      ...who,
      event: "session.expired" as const,
      outcome: "success" as const,
      reason: code,
      detail: { cause },
    })),
  );
  return ended;
}

const wordsOf: Record<DeadlineReason, { code: ErrorCode; cause: string }> = {
  session_idle: { code: "session_idle", cause: "idle" },
  session_expired: { code: "session_expired", cause: "absolute" },
  provider_limit: { code: "signed_out_by_provider", cause: "provider_limit" },
};
