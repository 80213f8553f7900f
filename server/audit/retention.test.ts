import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { makeMonths, monthOf, startOfMonth } from "./months";
import { keepMonths } from "./retention";
import { sealRows } from "./seal";
import { type Ask, verifyAudit } from "./verify";

let client: pg.Client;
beforeAll(async () => {
  const databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
  provideEnv({ databaseUrl, auditRetentionDays: 30 });
  client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await db.$disconnect();
});

const ask: Ask = async (sql, values = []) => (await client.query(sql, values)).rows;
const dayMs = 86_400_000;
const now = new Date();
const soon = () => Date.now() + 60_000;

async function write(at: Date): Promise<string> {
  const { rows } = await client.query(
    `INSERT INTO "AuditEvent" (at, event, outcome, detail) VALUES ($1, 'sign_out', 'success', '{}') RETURNING id, tableoid::regclass::text AS place`,
    [at],
  );
  return JSON.parse(rows[0].place);
}

const partition = (month: Date) => `AuditEvent_${monthOf(month).replace("-", "_")}`;

it("months are made ahead, by several at once too, and a row of whatever time finds its place", async () => {
  const inTwoYears = startOfMonth(now, 24);
  await Promise.all([makeMonths(inTwoYears), makeMonths(inTwoYears), makeMonths(inTwoYears)]);
  await makeMonths(inTwoYears);
  const end = new Date(startOfMonth(now, 25).getTime() - 1);
  expect(await write(now)).toBe("AuditEvent_before");
  expect(await write(inTwoYears)).toBe(partition(inTwoYears));
  expect(await write(end)).toBe(partition(inTwoYears));
  expect(await write(new Date(end.getTime() + 1))).toBe(partition(startOfMonth(now, 25)));
  const unmade = startOfMonth(now, 40);
  expect(await write(unmade)).toBe("AuditEvent_other");
  // That month has rows elsewhere: they stay where they are, and so do those that follow.
  await makeMonths(unmade);
  expect(await write(unmade)).toBe("AuditEvent_other");
  expect(await write(startOfMonth(now, 41))).toBe(partition(startOfMonth(now, 41)));
  const [indexed] = await ask<{ invalid: number }>(
    `SELECT count(*)::int AS invalid FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relname LIKE 'AuditEvent%' AND NOT i.indisvalid`,
  );
  expect(indexed?.invalid).toBe(0);
});

it("a month whose last day is older than the retention goes whole and leaves its closing hash, and the chain still fits", async () => {
  await client.query(`TRUNCATE "AuditEvent", "AuditSeal"`);
  await client.query(
    `UPDATE "AuditSealer" SET (since, "upTo", gaps) = (SELECT last_value - 1 + is_called::int, last_value - 1 + is_called::int, '[]'::jsonb FROM "AuditEvent_id_seq")`,
  );
  const before = startOfMonth(new Date(now.getTime() - 30 * dayMs));
  const old = startOfMonth(before, -1);
  // One of it has a partition of its own, as every month has a year from now.
  await client.query(`ALTER TABLE "AuditEvent" DETACH PARTITION "AuditEvent_before"`);
  await makeMonths(startOfMonth(old, -1));
  await makeMonths(startOfMonth(old, 2));
  for (const at of [startOfMonth(old, -1), old, old, before, now]) {
    await write(at);
    await sealRows();
  }
  // Sealed after the next month's first: it is its month's last all the same.
  await write(old);
  await sealRows();
  const [closing] = await ask<{ seal: string }>(
    `SELECT number || ':' || encode(hash, 'hex') AS seal FROM "AuditSeal" WHERE month = $1 ORDER BY number DESC LIMIT 1`,
    [monthOf(old)],
  );
  await client.query("ANALYZE");
  expect(await keepMonths(soon())).toEqual({ deleted: 4, done: true });
  expect(await keepMonths(soon())).toEqual({ deleted: 0, done: true });
  const { faults, sealed, cut, waiting } = await verifyAudit(ask);
  expect({ faults, sealed, waiting }).toEqual({ faults: [], sealed: 2, waiting: 0 });
  expect(cut.map(({ month, closing: hash }) => [month, hash])).toContainEqual([monthOf(old), closing?.seal]);
  expect(await ask(`SELECT to_regclass('"${partition(old)}"') AS place`)).toEqual([{ place: null }]);
  await client.query(`UPDATE "AuditSeal" SET hash = sha256('x') WHERE month = $1 AND "cutAt" IS NOT NULL`, [
    monthOf(old),
  ]);
  expect((await verifyAudit(ask)).faults[0]).toMatchObject({ kind: "seal_changed", month: monthOf(old) });
});

it("without a partition of its own a month goes row by row, and a role that owns no table keeps to that", async () => {
  const role = `app_${process.pid}`;
  await client.query(`CREATE ROLE ${role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`);
  try {
    const [{ name = "" } = {}] = await ask<{ name: string }>("SELECT current_database() AS name");
    await write(startOfMonth(now, -5));
    await client.query(`ALTER ROLE CURRENT_USER IN DATABASE "${name}" SET role = ${role}`);
    await db.$disconnect();
    const [{ late = 0 } = {}] = await ask<{ late: number }>(
      `SELECT count(*)::int AS late FROM "AuditEvent" WHERE at < $1`,
      [startOfMonth(new Date(now.getTime() - 30 * dayMs))],
    );
    expect(await db.$queryRaw`SELECT current_user::text AS role`).toEqual([{ role }]);
    expect(await keepMonths(soon())).toEqual({ deleted: late, done: true });
    expect(late).toBeGreaterThan(0);
    await client.query(`ALTER ROLE CURRENT_USER IN DATABASE "${name}" RESET role`);
  } finally {
    await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
});
