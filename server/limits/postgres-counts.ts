import "server-only";
import { Prisma } from "@/prisma/generated/client";
import type { MinuteCount } from "../audit/minute-bound";
import { db } from "../db/client";

/**
 * Counts on for all instances together, in one atomic statement and by the database's clock: each key by so many.
 *
 * @returns for each key the count in its minute, these included
 */
export async function countInDatabase(hits: ReadonlyMap<string, number>): Promise<Map<string, MinuteCount>> {
  // In one order everywhere, so that two statements which lock the same rows wait and never undo each other.
  const rows = [...hits].sort(([one], [other]) => (one < other ? -1 : 1)).map(rowOf);
  const counted = await db.$queryRaw<(MinuteCount & { key: string })[]>`
    INSERT INTO "RateLimit" AS kept (key, count, "expiresAt") VALUES ${Prisma.raw(rows.join())}
    ON CONFLICT (key) DO UPDATE SET
      count = excluded.count + CASE WHEN kept."expiresAt" > now() THEN kept.count ELSE 0 END,
      "expiresAt" = CASE WHEN kept."expiresAt" > now() THEN kept."expiresAt" ELSE excluded."expiresAt" END
    RETURNING key, count, (extract(epoch FROM "expiresAt" - now()) * 1000)::int AS "leftMs"`;
  return new Map(counted.map(({ key, ...rest }) => [key, rest]));
}

/** What each of these keys has come to in its minute, without counting; nothing of one whose minute is over. */
export async function countsInDatabase(keys: readonly string[]): Promise<Map<string, MinuteCount>> {
  const counted = await db.$queryRaw<(MinuteCount & { key: string })[]>`
    SELECT key, count, (extract(epoch FROM "expiresAt" - now()) * 1000)::int AS "leftMs"
    FROM "RateLimit" WHERE key = ANY(${keys}::text[]) AND "expiresAt" > now()`;
  return new Map(counted.map(({ key, ...rest }) => [key, rest]));
}

/**
 * Without parameters PostgreSQL is asked in one message and not in five, which is half of what this costs. So keys are made of
 * nothing that could end a text: a kind of ours, an address as it was parsed, the id of a user.
 */
function rowOf([key, count]: [string, number]): string {
  if (!/^[\w .:/-]{1,200}$/.test(key) || !Number.isSafeInteger(count)) throw new Error("It is no key of a limit.");
  return `('${key}', ${count}, now() + interval '1 minute')`;
}
