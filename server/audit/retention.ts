import "server-only";
import { db } from "../db/client";
import { env } from "../settings/env";
import { dropMonths, makeMonths, monthOf, startOfMonth } from "./months";
import { sealLock } from "./seal";

const dayMs = 86_400_000;
// Rows in a partition of several months, and seals, go by so many at a time.
const batch = 1_000;

/**
 * Makes the months to come, and takes away those whose last row is older than `AUDIT_RETENTION_DAYS`: whole months, so that
 * each leaves the hash that its chain closed with. A month with a partition of its own is dropped; of others the rows are
 * deleted in batches.
 *
 * @param until when to stop, in milliseconds since 1970
 * @returns how many rows are gone, and whether all is done
 */
export async function keepMonths(until: number): Promise<{ deleted: number; done: boolean }> {
  await makeMonths();
  const before = startOfMonth(new Date(Date.now() - env().auditRetentionDays * dayMs));
  // First the seals: of a month that is half gone, nobody could tell what is missing.
  if (!(await cutSeals(monthOf(before), until))) return { deleted: 0, done: false };
  let deleted = await dropMonths(before);
  while (Date.now() < until) {
    const count = await db.$executeRaw`
      DELETE FROM "AuditEvent" WHERE "at" < ${before} AND "id" IN (
        SELECT "id" FROM "AuditEvent" WHERE "at" < ${before} ORDER BY "at" LIMIT ${batch} FOR UPDATE SKIP LOCKED)`;
    deleted += count;
    if (count < batch) return { deleted, done: true };
  }
  return { deleted, done: false };
}

/**
 * Leaves of the chain of each month before `month` its last seal, and those from which a later month goes on, without rows.
 *
 * @returns whether all is done
 */
async function cutSeals(month: string, until: number): Promise<boolean> {
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM pg_advisory_xact_lock(${sealLock})`;
    await tx.$executeRaw`
      UPDATE "AuditSeal" s SET "ids" = '{}', "digests" = '', "cutAt" = now()
      FROM (
        SELECT "month", least(max("number"), min(f."from")) AS "from" FROM "AuditSeal"
        LEFT JOIN (SELECT split_part("after", '/', 1) AS month, split_part("after", '/', 2)::int AS "from" FROM "AuditSeal"
          WHERE "number" = 1 AND "after" IS NOT NULL) f USING ("month")
        WHERE "month" < ${month} GROUP BY "month"
      ) AS kept
      WHERE s."month" = kept."month" AND s."number" >= kept."from" AND s."cutAt" IS NULL`;
  });
  while (Date.now() < until) {
    const count = await db.$executeRaw`
      DELETE FROM "AuditSeal" WHERE ("month", "number") IN (
        SELECT "month", "number" FROM "AuditSeal" WHERE "month" < ${month} AND "cutAt" IS NULL
        ORDER BY "month", "number" LIMIT ${batch})`;
    if (count < batch) return true;
  }
  return false;
}
