import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { audited } from "../audit/audit";
import { describeError, log } from "../http/log";
import { refusalOf } from "./act-refusal";
import { type Actor, auditAct } from "./actor";
import { endAll, revokeLater } from "./end-user-sessions";
import { finishDeletion } from "./finish-deletion";
import { lockAccount } from "./lock-account";

/** What came of it. `isDone`: nothing is left of the user; else the account is deleted at `dueAt`, or at the next clean-up. */
export type DeletionOutcome =
  | { kind: "asked"; dueAt: Date; isDone: boolean; sessions: number }
  | { kind: "unknown" }
  | { kind: "refused"; code: ErrorCode };

const dayMs = 86_400_000;
// How long an answer may wait for a user of whom the audit trail has much.
const withinMs = 8_000;

/**
 * Has a user deleted. All sessions end at once. Without a grace period the rows go now, and if this process dies over it at
 * the next clean-up; with one, signing in until then undoes it. Asked again, the earlier end counts.
 *
 * @param graceDays 0 for at once
 */
export async function deleteUser(
  userId: string,
  { actor, graceDays }: { actor: Actor; graceDays: number },
): Promise<DeletionOutcome> {
  const now = new Date();
  const asked = await audited(async (tx, audit) => {
    const user = await lockAccount(tx, userId);
    if (!user) return { kind: "unknown" } as const;
    const code = await refusalOf(tx, { act: "delete", userId, actor });
    if (code) return { kind: "refused", code } as const;
    const requested = now.getTime() + graceDays * dayMs;
    const dueAt = new Date(Math.min(requested, user.deletionDueAt?.getTime() ?? requested));
    // By the clock of whoever signed them in, their last sign-in may lie ahead of now, and must not pass for a later one.
    const { _max } = await tx.account.aggregate({ where: { userId }, _max: { lastSignInAt: true } });
    const deletionAskedAt = new Date(Math.max(now.getTime(), _max.lastSignInAt?.getTime() ?? 0));
    await tx.user.update({ where: { id: userId }, data: { deletionAskedAt, deletionDueAt: dueAt } });
    const { count, grants } = await endAll(tx, audit, userId, actor);
    await auditAct(audit, actor, { act: "delete", userId, sessions: count });
    await audit({
      event: "account.deletion_asked",
      outcome: "success",
      userId,
      ...(actor.kind === "self" && { sessionHash: actor.sessionHash }),
      detail: { due: dueAt.toISOString(), sessions: count },
    });
    return { kind: "asked", dueAt, sessions: count, grants } as const;
  });
  if (asked.kind !== "asked") return asked;
  const { grants, ...outcome } = asked;
  revokeLater(grants);
  return { ...outcome, isDone: outcome.dueAt <= now && (await finishNow(userId)) };
}

/** From here on nobody can undo it: what fails now, the clean-up tries again. */
async function finishNow(userId: string): Promise<boolean> {
  try {
    return await finishDeletion(userId, Date.now() + withinMs);
  } catch (error) {
    log.error("account.not_deleted_yet", { cause: describeError(error) });
    return false;
  }
}
