import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { describeError, log } from "../http/log";

/** Whoever has it makes and drops partitions. It ends with its transaction. */
const monthsLock = 1684104558;
// The present month, and two that are to come: a server may be down for weeks, or no clean-up be set up yet.
const ahead = 3;

/** A partition of the audit trail, as PostgreSQL lists it. */
interface Partition {
  name: string;
  /** Where it ends; null for the one that takes what fits nowhere else. */
  until: Date | null;
}

/** The first moment of a month, by UTC. */
export function startOfMonth(time: Date, later = 0): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + later));
}

/** `2026-11` */
export function monthOf(time: Date): string {
  return time.toISOString().slice(0, 7);
}

/**
 * Makes the partitions of this month and the next two, where they are missing. Nobody who writes waits for it, and where it
 * fails, or never runs, rows go to the partition `AuditEvent_other`: then that one keeps the month's rows.
 *
 * @param now by which months are counted
 */
export async function makeMonths(now = new Date()): Promise<void> {
  for (let later = 0; later < ahead; later += 1) {
    const start = startOfMonth(now, later);
    await inTurn(`make ${monthOf(start)}`, (tx) => makeMonth(tx, start));
  }
}

async function makeMonth(tx: Prisma.TransactionClient, start: Date): Promise<void> {
  const end = startOfMonth(start, 1);
  const partitions = await listPartitions(tx);
  const isThere = partitions.some(({ name, until }) =>
    name === "AuditEvent_before" ? until !== null && until > start : until?.getTime() === end.getTime(),
  );
  if (isThere || (await hasRows(tx, start, end))) return;
  const name = Prisma.raw(`"AuditEvent_${monthOf(start).replace("-", "_")}"`);
  // Made by itself and attached: `PARTITION OF` would lock the whole trail.
  await tx.$executeRaw`CREATE TABLE ${name} (LIKE "AuditEvent" INCLUDING DEFAULTS, PRIMARY KEY ("id"))`;
  const bounds = Prisma.raw(`FROM ('${start.toISOString()}') TO ('${end.toISOString()}')`);
  await tx.$executeRaw`ALTER TABLE "AuditEvent" ATTACH PARTITION ${name} FOR VALUES ${bounds}`;
}

/** Whether rows of that time went to the partition for all others: it keeps them then. */
async function hasRows(tx: Prisma.TransactionClient, start: Date, end: Date): Promise<boolean> {
  const rows = await tx.$queryRaw<
    unknown[]
  >`SELECT 1 FROM "AuditEvent_other" WHERE "at" >= ${start} AND "at" < ${end} LIMIT 1`;
  return rows.length > 0;
}

/**
 * Drops the partitions that end before `before`.
 *
 * @returns how many rows that took away, as PostgreSQL estimates them
 */
export async function dropMonths(before: Date): Promise<number> {
  let rows = 0;
  for (const { name, until } of await listPartitions(db)) {
    if (until === null || until > before) continue;
    await inTurn(`drop ${name}`, async (tx) => {
      const [size] = await tx.$queryRaw<{ rows: number }[]>`
        SELECT greatest(reltuples, 0)::int AS rows FROM pg_class WHERE oid = to_regclass(${`"${name}"`})`;
      if (!size) return;
      await tx.$executeRaw`DROP TABLE ${Prisma.raw(`"${name}"`)}`;
      rows += size.rows;
    });
  }
  return rows;
}

function listPartitions(client: Pick<Prisma.TransactionClient, "$queryRaw">): Promise<Partition[]> {
  return client.$queryRaw<Partition[]>`
    SELECT c.relname::text AS name,
      (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz AS until
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '"AuditEvent"'::regclass`;
}

/**
 * Changes partitions, one process at a time. It must not be waited for: behind a lock that it waits for, everybody waits.
 * What cannot be done now is tried by the next clean-up.
 */
async function inTurn(what: string, change: (tx: Prisma.TransactionClient) => Promise<void>): Promise<void> {
  try {
    await db.$transaction(async (tx) => {
      const [turn] = await tx.$queryRaw<{ mine: boolean }[]>`SELECT pg_try_advisory_xact_lock(${monthsLock}) AS mine`;
      if (!turn?.mine) return;
      await tx.$executeRaw`SET LOCAL lock_timeout = '1s'`;
      await change(tx);
    });
  } catch (error) {
    const cure =
      "Nothing is lost. Where the reason is that the app's role does not own the table, have `npm run sweep` run with DIRECT_URL of the role that migrates.";
    log.warn("audit.month_not_changed", { what, cause: describeError(error), cure });
  }
}
