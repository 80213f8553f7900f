import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { audited } from "../audit/audit";
import { eraseUserFromAudit } from "../audit/erase";
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
import { lockAccount } from "./lock-account";

/**
 * Deletes a user whose time has come, in one transaction: nothing is left but a pseudonym in the audit trail, and tokens
 * that providers and services have still to be told of, which name nobody. They are told after the answer.
 *
 * @returns false where there is nothing to delete: the user is gone, or signed in again
 */
export async function finishDeletion(userId: string): Promise<boolean> {
  const waiting = await audited(async (tx, audit) => {
    const user = await lockAccount(tx, userId);
    if (!user?.deletionDueAt || user.deletionDueAt > new Date()) return null;
    const accounts = await tx.account.findMany({ where: { userId } });
    // An instance of a version before let them in, and did not know that this undoes it.
    if (accounts.some(({ lastSignInAt }) => lastSignInAt && lastSignInAt > (user.deletionAskedAt ?? lastSignInAt))) {
      await tx.user.update({ where: { id: userId }, data: { deletionAskedAt: null, deletionDueAt: null } });
      await audit({ event: "account.deletion_undone", outcome: "success", userId });
      return null;
    }
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
    await eraseUserFromAudit(tx, userId);
    return revocations;
  });
  if (!waiting) return false;
  if (waiting.length > 0) afterResponse(() => tellProviders(waiting));
  return true;
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
 * Deletes the users whose time has come, one transaction each, until none is left or `timeMs` is over. One that fails is left
 * for the next time and is no obstacle to others. Two at once, on any instances, share the work.
 *
 * @returns how many were deleted, and whether nothing is left
 */
export async function finishDueDeletions(timeMs: number): Promise<{ users: number; done: boolean }> {
  const until = Date.now() + timeMs;
  const failed: string[] = [];
  for (let users = 0; ; ) {
    const due = await db.user.findMany({
      where: { deletionDueAt: { lte: new Date() }, id: { notIn: failed } },
      orderBy: { deletionDueAt: "asc" },
      take: atOnce,
      select: { id: true },
    });
    for (const { id } of due) {
      if (Date.now() >= until) return { users, done: false };
      try {
        if (await finishDeletion(id)) users += 1;
      } catch (error) {
        failed.push(id);
        log.error("account.not_deleted_yet", { cause: describeError(error) });
      }
    }
    if (due.length < atOnce) return { users, done: failed.length === 0 };
  }
}
