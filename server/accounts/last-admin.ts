import "server-only";
import { hasRole } from "@/edge/gate";
import type { Prisma } from "@/prisma/generated/client";
import { heldRoles, isAdminSubject } from "../sessions/registry/held-roles";
import { adminRoles, trustsRoles } from "../sessions/registry/policy";
import { env } from "../settings/env";
import type { Actor } from "./actor";

// Names the lock under which administrators are taken away: "daemun last admin".
const lock = 72_707_371;

/**
 * Whether nobody would administer any more, were this user's account taken away; and whether an administrator would take away
 * their own. In the transaction of the act: of two that take each other away, on any instances, the second sees the first.
 */
export async function leavesNoAdmin(tx: Prisma.TransactionClient, userId: string, actor: Actor): Promise<boolean> {
  if (!(await isAdmin(tx, userId))) return false;
  if (actor.kind === "admin" && actor.userId === userId) return true;
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(${lock})::text`;
  // From here on nobody else is taken away until this commits. Whoever asked may have been, meanwhile.
  if (actor.kind === "admin" && (await isAdmin(tx, actor.userId))) return false;
  return !(await isAnotherAdmin(tx, userId));
}

type Reader = Pick<Prisma.TransactionClient, "user" | "account" | "session">;

/** Whether a user administers now: an operator or `ADMIN_SUBJECTS` names them, or a provider does in a session that lives. */
export async function isAdmin(tx: Reader, userId: string): Promise<boolean> {
  const user = await tx.user.findUnique({
    where: { id: userId },
    select: {
      ...{ adminSince: true, disabledAt: true, deletionDueAt: true },
      accounts: { select: { provider: true, providerAccountId: true } },
    },
  });
  if (!user || user.disabledAt || user.deletionDueAt) return false;
  if (user.adminSince) return true;
  if (user.accounts.some(({ provider, providerAccountId }) => isAdminSubject(provider, providerAccountId))) return true;
  const now = new Date();
  const sessions = await tx.session.findMany({
    where: { userId, endedAt: null, idleExpiresAt: { gt: now }, expires: { gt: now } },
    select: { provider: true, subject: true, roles: true, confirmation: true },
  });
  return sessions.some((session) => hasRole(adminRoles(), heldRoles({ ...session, user })));
}

/** Whether somebody else does. Where it is a provider's word, as far as sessions that live tell. */
async function isAnotherAdmin(tx: Prisma.TransactionClient, userId: string): Promise<boolean> {
  const others = { id: { not: userId }, disabledAt: null, deletionDueAt: null } satisfies Prisma.UserWhereInput;
  if (await tx.user.findFirst({ where: { ...others, adminSince: { not: null } }, select: { id: true } })) return true;
  const named = env().adminSubjects.map(({ provider, subject }) => ({ provider, providerAccountId: subject }));
  if (named.length > 0) {
    const account = await tx.account.findFirst({ where: { OR: named, user: others }, select: { id: true } });
    if (account) return true;
  }
  const now = new Date();
  const trusted = env().providers.flatMap(({ id }) => (trustsRoles(id) ? [id] : []));
  const session = await tx.session.findFirst({
    where: {
      ...{ endedAt: null, idleExpiresAt: { gt: now }, expires: { gt: now } },
      provider: { in: trusted },
      roles: { hasSome: [...adminRoles()] },
      user: others,
    },
    select: { id: true },
  });
  return session !== null;
}
