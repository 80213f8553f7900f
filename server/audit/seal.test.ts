import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { audited } from "./audit";
import { eraseRestFromAudit } from "./erase";
import { sealRows } from "./seal";
import { type Ask, verifyAudit } from "./verify";

let client: pg.Client;
let databaseUrl: string;
beforeAll(async () => {
  databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
  provideEnv({ databaseUrl });
  client = await connect();
});
afterAll(async () => {
  await client.end();
  await db.$disconnect();
});
beforeEach(async () => {
  await client.query(`TRUNCATE "AuditEvent", "AuditSeal"`);
  await client.query(
    `UPDATE "AuditSealer" SET (since, "upTo", gaps) = (SELECT last_value - 1 + is_called::int, last_value - 1 + is_called::int, '[]'::jsonb FROM "AuditEvent_id_seq")`,
  );
});

async function connect(): Promise<pg.Client> {
  const connected = new pg.Client({ connectionString: databaseUrl });
  await connected.connect();
  return connected;
}

const ask: Ask = async (sql, values = []) => (await client.query(sql, values)).rows;
const mina = "11111111-1111-4111-8111-111111111111";

/** Writes rows as any instance does, old ones too. Answers with their ids. */
async function write(
  count: number,
  { by = client, at = "now()" }: { by?: pg.Client; at?: string } = {},
): Promise<string[]> {
  const { rows } = await by.query<{ id: string }>(
    `INSERT INTO "AuditEvent" (at, event, outcome, "userId", ip, detail)
     SELECT ${at}, 'sign_in.succeeded', 'success', $2, '203.0.113.' || n, '{"first": true}' FROM generate_series(1, $1::int) n RETURNING id`,
    [count, mina],
  );
  return rows.map(({ id }) => id);
}

const verdict = async () => {
  const { faults, sealed, waiting } = await verifyAudit(ask);
  return { faults: faults.map(({ kind, id }) => [kind, id]), sealed, waiting };
};
const fits = (sealed: number) => ({ faults: [], sealed, waiting: 0 });

it("every row is sealed once, by however many processes at the same time, and fits", async () => {
  await write(5_000);
  expect((await Promise.all([sealRows(), sealRows(), sealRows()])).reduce((sum, count) => sum + count)).toBe(5_000);
  await write(3);
  expect([await sealRows(), await sealRows()]).toEqual([3, 0]);
  expect(await verdict()).toEqual(fits(5_003));
});

it("a row that is committed long after later ones were sealed is sealed too, once, and one that was undone holds nothing up", async () => {
  const slow = await connect();
  const undone = await connect();
  await slow.query("BEGIN");
  const [late] = await write(1, { by: slow });
  await undone.query("BEGIN");
  await write(2, { by: undone });
  await write(10);
  expect(await sealRows()).toBe(10);
  await undone.query("ROLLBACK");
  await write(1);
  expect(await sealRows()).toBe(1);
  expect(await verdict()).toEqual(fits(11));
  await slow.query("COMMIT");
  // Not sealed yet, and no forgery.
  expect(await verdict()).toEqual({ faults: [], sealed: 11, waiting: 1 });
  expect(await sealRows()).toBe(1);
  const { rows } = await client.query(`SELECT ids FROM "AuditSeal" ORDER BY number DESC LIMIT 1`);
  expect(rows).toEqual([{ ids: [late] }]);
  expect(await verdict()).toEqual(fits(12));
  await Promise.all([slow.end(), undone.end()]);
});

it("an id that nobody can use any more is forgotten after an hour, and one that somebody still may is not", async () => {
  const slow = await connect();
  await slow.query("BEGIN");
  await write(1, { by: slow });
  await client.query(`SELECT nextval('"AuditEvent_id_seq"')`);
  await write(1);
  await sealRows();
  const gaps = async () => (await client.query(`SELECT gaps FROM "AuditSealer"`)).rows[0].gaps;
  expect(await gaps()).toHaveLength(1);
  const anHour = `UPDATE "AuditSealer" SET gaps = (SELECT jsonb_agg(g || '{"seenAt": 0}') FROM jsonb_array_elements(gaps) g)`;
  await client.query(anHour);
  await sealRows();
  expect(await gaps()).toHaveLength(1);
  await slow.query("COMMIT");
  expect(await sealRows()).toBe(1);
  await sealRows();
  expect(await gaps()).toEqual([]);
  expect(await verdict()).toEqual(fits(2));
  await slow.end();
});

it("rows of several months are sealed each in their month's chain, late ones too, and the next month goes on from the one before", async () => {
  await write(2, { at: "now() - interval '40 days'" });
  await sealRows();
  await write(2);
  await sealRows();
  await write(1, { at: "now() - interval '40 days'" });
  await sealRows();
  const { rows } = await client.query(`SELECT month, number, after, count FROM "AuditSeal" ORDER BY 1, 2`);
  const [then, now] = [rows[0].month, rows[2].month];
  expect(rows).toEqual([
    { month: then, number: 1, after: null, count: 2 },
    { month: then, number: 2, after: null, count: 1 },
    { month: now, number: 1, after: `${then}/1`, count: 2 },
  ]);
  expect(await verdict()).toEqual(fits(5));
});

it("a user who was deleted is erased, and the trail says so without a fault", async () => {
  await write(2);
  await sealRows();
  await write(1);
  expect(await audited((tx) => eraseRestFromAudit(tx, { userId: mina, pseudonym: crypto.randomUUID() }))).toBe(3);
  await sealRows();
  const { faults, sealed, erased } = await verifyAudit(ask);
  expect({ faults, sealed, erased }).toEqual({ faults: [], sealed: 3, erased: 3 });
});

it("rows of before the chain are said to be unsealed", async () => {
  await write(4);
  await client.query(
    `UPDATE "AuditSealer" SET (since, "upTo", gaps) = (SELECT last_value - 1 + is_called::int, last_value - 1 + is_called::int, '[]'::jsonb FROM "AuditEvent_id_seq")`,
  );
  await write(1);
  await sealRows();
  const { faults, sealed, before } = await verifyAudit(ask);
  expect({ faults, sealed, before }).toEqual({ faults: [], sealed: 1, before: 4 });
});
