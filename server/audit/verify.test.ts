import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { personalDigest } from "./digest";
import { sealRows } from "./seal";
import { type Ask, verifyAudit } from "./verify";

let client: pg.Client;
beforeAll(async () => {
  const { databaseUrl } = provideEnv({ databaseUrl: await createTestDatabase(inject("servers").postgresUrl) });
  client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await db.$disconnect();
});

let ids: string[];
beforeEach(async () => {
  await client.query(`TRUNCATE "AuditEvent", "AuditSeal"`);
  await client.query(
    `UPDATE "AuditSealer" SET (since, "upTo", gaps) = (SELECT last_value - 1 + is_called::int, last_value - 1 + is_called::int, '[]'::jsonb FROM "AuditEvent_id_seq")`,
  );
  ids = [];
  for (let seal = 0; seal < 3; seal += 1) {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO "AuditEvent" (event, outcome, ip, provider, detail)
       SELECT 'sign_in.succeeded', 'success', '203.0.113.' || n, 'company', '{}' FROM generate_series(1, 5) n RETURNING id`,
    );
    ids.push(...rows.map(({ id }) => id));
    await sealRows();
  }
  expect((await verify()).faults).toEqual([]);
});

const ask: Ask = async (sql, values = []) => (await client.query(sql, values)).rows;
const verify = (...anchors: string[]) => verifyAudit(ask, anchors);

async function firstFault(): Promise<unknown> {
  const [first] = (await verify()).faults;
  return first && [first.kind, first.seal, first.id];
}

it("a row that was deleted is named", async () => {
  await client.query(`DELETE FROM "AuditEvent" WHERE id = ANY ($1)`, [[ids[6], ids[12]]]);
  expect(await firstFault()).toEqual(["deleted", 2, ids[6]]);
});

it.each([
  "event = 'sign_in.failed'",
  "at = at + interval '1 millisecond'",
  "provider = NULL",
  "ip = '203.0.113.99'",
  `"userId" = gen_random_uuid()`,
  `detail = '{"first": false}'`,
  "salt = gen_random_uuid()",
  "salt = NULL",
  "erased = '\\x00'",
])("a row that was changed is named: %s", async (change) => {
  await client.query(`UPDATE "AuditEvent" SET ${change} WHERE id = $1`, [ids[7]]);
  expect(await firstFault()).toEqual(["changed", 2, ids[7]]);
});

const empty = `salt = NULL, "userId" = NULL, ip = NULL, "userAgent" = NULL, detail = '{}'`;

it.each([
  `"userId" = gen_random_uuid(), detail = '{"forged": true}'`,
  empty.replace('"userId" = NULL', '"userId" = gen_random_uuid()'),
  empty.replace("ip = NULL", "ip = '203.0.113.99'"),
  empty.replace('"userAgent" = NULL', `"userAgent" = 'Firefox'`),
  empty.replace("'{}'", `'{"forged": true, "surplus": 3}'`),
  empty.replace("'{}'", `'["forged"]'`),
  empty.replace("salt = NULL, ", ""),
])("a row that was retold under the digest of an erased one is named: %s", async (change) => {
  await client.query(`UPDATE "AuditEvent" SET erased = ${personalDigest.sql}, ${change} WHERE id = $1`, [ids[7]]);
  expect(await firstFault()).toEqual(["changed", 2, ids[7]]);
  expect((await verify()).erased).toBe(0);
});

it("a row that has kept nothing but the digest of what was personal is erased, with or without a count", async () => {
  await client.query(`UPDATE "AuditEvent" SET erased = ${personalDigest.sql}, ${empty} WHERE id = $1`, [ids[7]]);
  expect(await verify()).toMatchObject({ faults: [], erased: 1 });
  await client.query(`UPDATE "AuditEvent" SET detail = '{"surplus": 3}' WHERE id = $1`, [ids[7]]);
  expect(await verify()).toMatchObject({ faults: [], erased: 1 });
});

it("what was counted into a row after its minute is no change", async () => {
  await client.query(`UPDATE "AuditEvent" SET detail = detail || '{"surplus": 12}' WHERE id = $1`, [ids[7]]);
  expect(await firstFault()).toBeUndefined();
});

it("a row that was inserted among sealed ones is named, whatever time and id it took", async () => {
  await client.query(`DELETE FROM "AuditEvent" WHERE id = $1`, [ids[3]]);
  await client.query(
    `INSERT INTO "AuditEvent" (id, at, event, outcome, detail) VALUES ($1, now() - interval '90 days', 'sign_out', 'success', '{}')`,
    [ids[3]],
  );
  expect((await verify()).faults.map(({ kind, id }) => [kind, id])).toEqual([
    ["deleted", ids[3]],
    ["inserted", ids[3]],
  ]);
});

it("a row that was inserted where an id had been left out is named", async () => {
  await client.query(`SELECT nextval('"AuditEvent_id_seq"')`);
  await client.query(`INSERT INTO "AuditEvent" (event, outcome, detail) VALUES ('sign_out', 'success', '{}')`);
  await sealRows();
  await client.query(
    `UPDATE "AuditSealer" SET gaps = (SELECT jsonb_agg(g || '{"seenAt": 0}') FROM jsonb_array_elements(gaps) g)`,
  );
  await sealRows();
  const { rows } = await client.query(
    `INSERT INTO "AuditEvent" (id, event, outcome, detail) SELECT max(id) - 1, 'sign_out', 'success', '{}' FROM "AuditEvent" RETURNING id`,
  );
  expect(await sealRows()).toBe(0);
  expect(await firstFault()).toEqual(["inserted", null, rows[0].id]);
});

it("rows that changed places are named", async () => {
  await client.query(
    `UPDATE "AuditEvent" SET id = CASE id WHEN $1 THEN -1 ELSE $1 END WHERE id IN ($1, $2)`,
    [ids[5], ids[8]]
      .sort()
      .slice(0, 1)
      .concat(ids[8] ?? ""),
  );
  await client.query(`UPDATE "AuditEvent" SET id = $1 WHERE id = -1`, [ids[8]]);
  expect(await firstFault()).toEqual(["reordered", 2, ids[5]]);
});

it("a seal that was made to fit is named", async () => {
  await client.query(`DELETE FROM "AuditEvent" WHERE id = $1`, [ids[9]]);
  await client.query(
    `UPDATE "AuditSeal" SET ids = ids[1:4], digests = substring(digests FROM 1 FOR 128), count = 4 WHERE number = 2`,
  );
  expect(await firstFault()).toEqual(["seal_changed", 2, null]);
});

it("seals that changed places, and one that is gone, are named", async () => {
  await client.query(`UPDATE "AuditSeal" SET number = CASE number WHEN 2 THEN 30 ELSE 20 END WHERE number IN (2, 3)`);
  await client.query(`UPDATE "AuditSeal" SET number = number / 10 WHERE number > 9`);
  expect(await firstFault()).toEqual(["seal_changed", 2, null]);
  await client.query(`DELETE FROM "AuditSeal" WHERE number = 2`);
  expect(await firstFault()).toEqual(["seal_missing", 2, null]);
});

it("a chain that was cut short with its rows is noticed, and by an anchor even where whoever did it knew how", async () => {
  const { head } = await verify();
  expect((await verify(head ?? "")).faults).toEqual([]);
  await client.query(`DELETE FROM "AuditSeal" WHERE number = 3`);
  await client.query(`DELETE FROM "AuditEvent" WHERE id = ANY ($1)`, [ids.slice(10)]);
  expect(await firstFault()).toEqual(["seal_missing", null, ids[14]]);
  await client.query(`UPDATE "AuditSealer" SET "upTo" = $1`, [ids[9]]);
  expect(await firstFault()).toBeUndefined();
  expect((await verify(head ?? "")).faults).toMatchObject([{ kind: "anchor_missing", seal: 3 }]);
});
