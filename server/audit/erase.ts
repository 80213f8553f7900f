import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { personalDigest } from "./digest";

// Of one statement, so that it and the transaction that it is in end well within the limits of time that each has.
const batch = 5_000;

interface Erasure {
  userId: string;
  /** Random, and the same in all of the user's rows: it says that one user did these things, and leads nowhere. */
  pseudonym: string;
}

/**
 * Takes a user who is being deleted out of the audit trail: a full batch of their rows, where that many are left. Each loses
 * user id, address, user agent, detail and salt, and keeps what happened, when, by which provider and how it ended.
 * `npm run audit:verify` calls such rows erased, not forged.
 *
 * Theirs are also the rows of administrators' acts that name them: as who acted, or as whom an export was about. Such a row is
 * erased whole: the user it is of loses it too.
 *
 * @param tx a transaction that holds the user's row, so that two runners do not take turns under two pseudonyms
 * @returns false where less than a batch is left: it goes with the user, see {@link eraseRestFromAudit}
 */
export async function eraseBatchFromAudit(tx: Prisma.TransactionClient, erasure: Erasure): Promise<boolean> {
  for (const rows of rowsOf(erasure.userId)) {
    const [last] = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "AuditEvent" WHERE ${rows} OFFSET ${batch - 1} LIMIT 1`;
    if (last === undefined) continue;
    await erase(tx, rows, erasure.pseudonym);
    return true;
  }
  return false;
}

/**
 * The same for what is left. Call it last in the transaction that deletes the user, after the audit row that says so: both
 * happen, or neither. A row that is written of them later has nothing personal, see `insertRow`.
 *
 * @returns how many rows were erased
 */
export async function eraseRestFromAudit(tx: Prisma.TransactionClient, erasure: Erasure): Promise<number> {
  let erased = 0;
  for (const rows of rowsOf(erasure.userId))
    for (let count = batch; count === batch; erased += count) count = await erase(tx, rows, erasure.pseudonym);
  return erased;
}

/** Each found by an index of its own. */
function rowsOf(userId: string): Prisma.Sql[] {
  return [
    Prisma.sql`"userId" = ${userId}::uuid`,
    Prisma.sql`"event" = 'admin.action' AND ("detail"->>'by' = ${userId} OR lower("detail"->>'user') = ${userId})`,
  ];
}

function erase(tx: Prisma.TransactionClient, rows: Prisma.Sql, pseudonym: string): Promise<number> {
  return tx.$executeRaw`
    UPDATE "AuditEvent" SET "erased" = CASE WHEN "salt" IS NULL THEN "erased" ELSE ${personalDigest} END, "salt" = NULL,
      "pseudonym" = ${pseudonym}::uuid, "userId" = NULL, "ip" = NULL, "userAgent" = NULL, "detail" = '{}'
    WHERE ${rows} AND "id" IN (SELECT "id" FROM "AuditEvent" WHERE ${rows} ORDER BY "at" LIMIT ${batch})`;
}
