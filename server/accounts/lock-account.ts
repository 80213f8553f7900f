import "server-only";
import type { Prisma } from "@/prisma/generated/client";

/** What an act on an account has to know of it. */
export interface LockedUser {
  id: string;
  disabledAt: Date | null;
  deletionAskedAt: Date | null;
  deletionDueAt: Date | null;
}

/**
 * Holds the rows of a user until the caller's transaction ends, and answers what they say; null where there is no such user.
 * A sign-in locks in the same order, its account first: it is over before this, with its session, or begins after it.
 */
export async function lockAccount(tx: Prisma.TransactionClient, userId: string): Promise<LockedUser | null> {
  await tx.$queryRaw`SELECT 1 FROM "Account" WHERE "userId" = ${userId}::uuid ORDER BY id FOR UPDATE`;
  const [user] = await tx.$queryRaw<LockedUser[]>`
    SELECT id, "disabledAt", "deletionAskedAt", "deletionDueAt" FROM "User" WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
  return user ?? null;
}
