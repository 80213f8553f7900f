import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { logAnchor } from "./anchor";
import { hashContent, hashSeal, hashStart } from "./chain";
import { rowDigest } from "./digest";
import { type Gap, gapsSchema, missingBetween, narrow } from "./gaps";

/** The writer's: whoever has it is the only one that adds to the chain, or cuts it. It ends with its transaction. */
export const sealLock = 1684104557;

/** How many rows one transaction seals at most. */
export const sealBatch = 2_000;

/** Rows of one month, in the order of their ids. */
interface Rows {
  month: string;
  ids: bigint[];
  digests: Uint8Array;
}

/**
 * Seals whatever rows are there and not sealed yet, in batches, each in a transaction of its own. Where another process is
 * at it, that one does it. A row is read for this, and never changed or locked: nobody who writes one waits.
 *
 * @returns how many rows were sealed here
 */
export async function sealRows(): Promise<number> {
  let sealed = 0;
  for (;;) {
    if (!(await isBehind())) return sealed;
    const count = await db.$transaction((tx) => sealOnce(tx));
    if (count === null) return sealed;
    sealed += count;
    if (count > 0) await logAnchor();
    if (count < sealBatch) return sealed;
  }
}

/** Whether there may be something to seal: asked every other second, so it takes no lock and one statement. */
async function isBehind(): Promise<boolean> {
  const [row] = await db.$queryRaw<{ behind: boolean }[]>`
    SELECT s."gaps" <> '[]' OR EXISTS (SELECT 1 FROM "AuditEvent" e WHERE e."id" > s."upTo") AS behind FROM "AuditSealer" s`;
  return row?.behind ?? false;
}

/** One batch. Null where another process has the lock. */
async function sealOnce(tx: Prisma.TransactionClient): Promise<number | null> {
  const [turn] = await tx.$queryRaw<{ mine: boolean }[]>`SELECT pg_try_advisory_xact_lock(${sealLock}) AS mine`;
  if (!turn?.mine) return null;
  // Before the rows: every transaction that this calls ended has its rows in what is read next.
  const [state] = await tx.$queryRaw<{ since: bigint; upTo: bigint; gaps: unknown; oldest: string; now: Date }[]>`
    SELECT "since", "upTo", "gaps", pg_snapshot_xmin(pg_current_snapshot())::text AS oldest, clock_timestamp() AS now
    FROM "AuditSealer"`;
  if (!state) return 0;
  const gaps = gapsSchema.parse(state.gaps);
  const months = await readRows(tx, state.upTo, gaps);
  for (const rows of months) await addSeal(tx, rows, state.since);

  const upTo = Number(state.upTo);
  const found = months.flatMap(({ ids }) => ids.map(Number)).sort((a, b) => a - b);
  const fresh = found.filter((id) => id > upTo);
  const newest = fresh.at(-1) ?? upTo;
  const horizon = { oldest: BigInt(state.oldest), now: state.now.getTime() };
  const left = narrow(gaps, found, horizon);
  const added = missingBetween(upTo, fresh, newest);
  if (found.length === 0 && left.length === gaps.length) return 0;
  const kept = JSON.stringify(left.map((gap) => ({ ...gap, before: `${gap.before}` })));
  // After the rows: whoever may still fill a gap has begun by now.
  await tx.$executeRaw`
    UPDATE "AuditSealer" SET "upTo" = ${BigInt(newest)}, "gaps" = ${kept}::jsonb || coalesce((
      SELECT jsonb_agg(gap || jsonb_build_object('before', pg_snapshot_xmax(pg_current_snapshot())::text, 'seenAt', ${horizon.now}::float8))
      FROM jsonb_array_elements(${JSON.stringify(added)}::jsonb) AS gap), '[]')`;
  return found.length;
}

/** The next rows after `upTo`, and those of gaps that were committed meanwhile, by month. */
function readRows(tx: Prisma.TransactionClient, upTo: bigint, gaps: readonly Gap[]): Promise<Rows[]> {
  const late = Prisma.sql`UNION ALL (
    SELECT e."id", e."at", ${rowDigest} AS digest
    FROM jsonb_to_recordset(${JSON.stringify(gaps.map(({ from, to }) => ({ from, to })))}::jsonb) AS gap("from" bigint, "to" bigint)
    JOIN "AuditEvent" e ON e."id" BETWEEN gap."from" AND gap."to" ORDER BY e."id" LIMIT ${sealBatch})`;
  return tx.$queryRaw<Rows[]>`
    SELECT to_char("at" AT TIME ZONE 'UTC', 'YYYY-MM') AS month, array_agg("id" ORDER BY "id") AS ids,
      string_agg(digest, ''::bytea ORDER BY "id") AS digests
    FROM ((SELECT "id", "at", ${rowDigest} AS digest FROM "AuditEvent" WHERE "id" > ${upTo} ORDER BY "id" LIMIT ${sealBatch})
      ${gaps.length > 0 ? late : Prisma.empty}) AS rows
    GROUP BY 1 ORDER BY 1`;
}

async function addSeal(tx: Prisma.TransactionClient, { month, ids, digests }: Rows, since: bigint): Promise<void> {
  // The seal before it in its month, else the last one of the month before that has any.
  const [last] = await tx.$queryRaw<{ month: string; number: number; hash: Uint8Array }[]>`
    SELECT "month", "number", "hash" FROM "AuditSeal" WHERE "month" <= ${month} ORDER BY "month" DESC, "number" DESC LIMIT 1`;
  const isFirst = last?.month !== month;
  const number = isFirst ? 1 : last.number + 1;
  const after = isFirst && last ? `${last.month}/${last.number}` : null;
  const prior = last?.hash ?? hashStart(since);
  const content = hashContent(ids, digests);
  const hash = hashSeal({ month, number, count: ids.length, prior, content });
  await tx.$executeRaw`
    INSERT INTO "AuditSeal" ("month", "number", "after", "prior", "count", "ids", "digests", "content", "hash")
    VALUES (${month}, ${number}, ${after}, ${prior}, ${ids.length}, ${ids}, ${digests}, ${content}, ${hash})`;
}
