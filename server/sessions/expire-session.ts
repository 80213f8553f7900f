import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import { type Audit, audited } from "../audit/audit";
import { afterResponse } from "../http/after-response";
import { revokeQuietly } from "../tokens/revoke-grants";
import { type EndedSessions, type EndReason, endSessions } from "./end-sessions";

/** The deadlines of a session, as its row has them. */
export interface Limits {
  expires: Date;
  expiresBy: string;
  idleExpiresAt: Date;
}

type DeadlineReason = Extract<EndReason, "session_idle" | "session_expired" | "provider_limit">;

/** The deadline that has passed, the first of several, or null while none has. */
export function passedDeadline({ expires, expiresBy, idleExpiresAt }: Limits, now: Date): DeadlineReason | null {
  // Rolled as far as it goes, the idle deadline is the absolute one.
  if (idleExpiresAt <= now && idleExpiresAt < expires) return "session_idle";
  if (expires > now) return null;
  return expiresBy === "provider" ? "provider_limit" : "session_expired";
}

/** Ends a session whose deadline has passed, once: of several requests that notice, one writes the audit row. */
export async function expireSession(id: string, reason: DeadlineReason): Promise<void> {
  const { grants } = await audited((tx, audit) => expireSessions(tx, audit, { id }, reason));
  afterResponse(() => revokeQuietly(grants));
}

/**
 * Ends those of `which` whose deadline has passed, in the caller's transaction, with an audit row each. Judged where it
 * is written: a sibling request may have rolled a deadline meanwhile.
 */
export async function expireSessions(
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
