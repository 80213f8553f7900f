import "server-only";
import { randomUUID } from "node:crypto";
import { Prisma } from "@/prisma/generated/client";
import { audited } from "../audit/audit";
import { eraseBatchFromAudit, eraseRestFromAudit } from "../audit/erase";
import { db } from "../db/client";
import { afterResponse } from "../http/after-response";
import { describeError, log } from "../http/log";
import { userLimitKeys } from "../limits/limit";
import { serviceProviders } from "../services/service-provider";
import { endSessions } from "../sessions/registry/end-sessions";
import { env } from "../settings/env";
import { disownRevocations } from "../tokens/keep-for-revocation";
import { postgresStore } from "../tokens/postgres-store";
import { revokeWaiting } from "../tokens/revoke-grants";
import { type LockedUser, lockAccount } from "./lock-account";

/**
 * Deletes a user whose time has come, in one transaction: nothing is left but a pseudonym in the audit trail, and tokens
 * that providers and services have still to be told of, which name nobody. They are told after the answer.
 *
 * However much the audit trail has of them: full batches of it are erased before, a transaction each.
 *
 * @param until when to stop between two batches, in milliseconds since 1970; what was erased stays so
 * @returns false where there is nothing to delete, the user is gone or signed in again; or there was no time for it
 */
export async function finishDeletion(userId: string, until = Number.POSITIVE_INFINITY): Promise<boolean> {
  const pseudonym = randomUUID();
  for (;;) {
    const waiting = await deleteOrErase(userId, pseudonym);
    if (waiting === "erased" && Date.now() < until) continue;
    if (waiting === null || waiting === "erased") return false;
    if (waiting.length > 0) afterResponse(() => tellProviders(waiting));
    return true;
  }
}

/** Null where nothing is to be deleted; "erased" where one batch of the trail was, and the user is still there. */
function deleteOrErase(userId: string, pseudonym: string): Promise<string[] | "erased" | null> {
  return audited(async (tx, audit) => {
    const user = await lockAccount(tx, userId);
    if (!user?.deletionDueAt || user.deletionDueAt > new Date()) return null;
    const accounts = await tx.account.findMany({ where: { userId } });
    if (await wasLetIn(tx, user, accounts)) {
      await tx.user.update({ where: { id: userId }, data: { deletionAskedAt: null, deletionDueAt: null } });
      await audit({ event: "account.deletion_undone", outcome: "success", userId });
      return null;
    }
    if (await eraseBatchFromAudit(tx, { userId, pseudonym })) return "erased";
    // Row by row no access token could be refreshed between, and nothing that is published comes after this.
    await endSessions(tx, { userId }, { reason: "session_revoked", by: "policy" });
    const sessions = await tx.session.findMany({ where: { userId }, select: { issuer: true, subject: true } });
    const connected = await tx.grant.findMany({
      where: { userId, service: { not: null } },
      select: { service: true, issuer: true, subject: true },
    });
    const services = [...new Set(connected.flatMap(({ service }) => service ?? []))];
    await postgresStore(tx).withdraw(
      services.map((service) => ({ userId, service })),
      "account.deleted",
    );
    const subjects = subjectsOf([
      ...accounts.map(({ issuer, providerAccountId: subject }) => ({ issuer, subject })),
      ...sessions,
      ...connected,
    ]);
    const revocations = await disownRevocations(tx, userId, subjects);
    // They go on guarding against a token that is sent twice, and name nobody.
    if (subjects.length > 0) await tx.logoutToken.updateMany({ where: { OR: subjects }, data: { subject: null } });
    await tx.rateLimit.deleteMany({ where: { key: { in: userLimitKeys(userId) } } });
    await audit({ event: "account.deleted", outcome: "success", userId });
    await tx.user.delete({ where: { id: userId } });
    await eraseRestFromAudit(tx, { userId, pseudonym });
    return revocations;
  });
}

/** Whether an instance of a version before let them in since they asked for it, and did not know that this undoes it. */
async function wasLetIn(
  tx: Prisma.TransactionClient,
  { id, deletionAskedAt, deletionDueAt }: LockedUser,
  accounts: readonly { lastSignInAt: Date | null }[],
): Promise<boolean> {
  if (accounts.some(({ lastSignInAt }) => lastSignInAt && lastSignInAt > (deletionAskedAt ?? lastSignInAt)))
    return true;
  // Without a grace period nothing undoes it. With one, all sessions of before ended when it was asked for.
  if (!deletionAskedAt || !deletionDueAt || deletionDueAt <= deletionAskedAt) return false;
  return (await tx.session.count({ where: { userId: id, endedAt: null } })) > 0;
}

function subjectsOf(named: readonly { issuer: string | null; subject: string | null }[]) {
  const pairs = named.flatMap(({ issuer, subject }) =>
    issuer !== null && subject !== null ? [{ issuer, subject }] : [],
  );
  return [...new Map(pairs.map((pair) => [JSON.stringify([pair.issuer, pair.subject]), pair])).values()];
}

/** What a provider that is away is not told now, the clean-up tells it. */
async function tellProviders(revocations: readonly string[]): Promise<void> {
  for (const provider of [...env().providers, ...serviceProviders()])
    await revokeWaiting(provider, Prisma.sql`r.id = ANY(${revocations}::uuid[])`);
}

const atOnce = 20;

/**
 * Deletes the users whose time has come, until none is left or `timeMs` is over. One that fails, or takes longer than that, is
 * left for the next time and comes last then, so that it is no obstacle to others. Two at once, on any instances, share the work.
 *
 * @returns how many were deleted, and whether nothing is left
 */
export async function finishDueDeletions(timeMs: number): Promise<{ users: number; done: boolean }> {
  const until = Date.now() + timeMs;
  const failed: string[] = [];
  for (let users = 0; ; ) {
    const due = await db.user.findMany({
      where: { deletionDueAt: { lte: new Date() }, id: { notIn: failed } },
      // Nothing else changes them any more, see `putLast`.
      orderBy: [{ updatedAt: "asc" }, { id: "asc" }],
      take: atOnce,
      select: { id: true },
    });
    for (const { id } of due) {
      if (Date.now() >= until) return { users, done: false };
      try {
        if (await finishDeletion(id, until)) users += 1;
        else if (Date.now() >= until) await putLast(id);
      } catch (error) {
        failed.push(id);
        log.error("account.not_deleted_yet", { cause: describeError(error) });
        await putLast(id).catch(() => {});
      }
    }
    if (due.length < atOnce) return { users, done: failed.length === 0 && Date.now() < until };
  }
}

async function putLast(id: string): Promise<void> {
  await db.user.updateMany({ where: { id, deletionDueAt: { not: null } }, data: { updatedAt: new Date() } });
}
