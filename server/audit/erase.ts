import "server-only";
import { randomUUID } from "node:crypto";
import type { Prisma } from "@/prisma/generated/client";
import { personalDigest } from "./digest";

// Of one statement, so that it ends well within the limit of time that each has.
const batch = 10_000;

/**
 * Takes a user who is being deleted out of the audit trail. Every row of theirs loses user id, address, user agent, detail
 * and salt, and keeps what happened, when, by which provider and how it ended. A random pseudonym, the same in all of their
 * rows and in nobody else's, says that one user did these things; nothing leads from it to them. `npm run audit:verify`
 * calls such rows erased, not forged.
 *
 * Call it last in the transaction that deletes the user, after the audit row that says so. Rows that another request writes
 * of them afterwards are erased by another call, under another pseudonym.
 *
 * @param tx the transaction of the deletion: both happen, or neither
 * @returns how many rows were erased
 */
export async function eraseUserFromAudit(tx: Prisma.TransactionClient, userId: string): Promise<number> {
  const pseudonym = randomUUID();
  for (let erased = 0; ; ) {
    const count = await tx.$executeRaw`
      UPDATE "AuditEvent" SET "erased" = CASE WHEN "salt" IS NULL THEN "erased" ELSE ${personalDigest} END, "salt" = NULL,
        "pseudonym" = ${pseudonym}::uuid, "userId" = NULL, "ip" = NULL, "userAgent" = NULL, "detail" = '{}'
      WHERE "userId" = ${userId}::uuid AND "id" IN (
        SELECT "id" FROM "AuditEvent" WHERE "userId" = ${userId}::uuid ORDER BY "at" LIMIT ${batch})`;
    erased += count;
    if (count < batch) return erased;
  }
}
