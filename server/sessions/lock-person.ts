import "server-only";
import type { Prisma } from "@/prisma/generated/client";

/**
 * Holds the person's row until the caller's transaction ends, so that whatever decides about several of their sessions
 * passes one after the other, on all instances. Taken before any session's row.
 */
export async function lockPerson(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  // Not the stronger FOR UPDATE: new rows of others may name the person meanwhile.
  await tx.$queryRaw`SELECT 1 FROM "User" WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
}
