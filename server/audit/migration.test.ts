import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createDatabase } from "../../dev/postgres/postgres";
import { withMigrationsOf } from "../../e2e/golden/golden";
import { migrate } from "../../prisma/migrate";

let databaseUrl: string;
let client: pg.Client;
beforeAll(async () => {
  databaseUrl = await createDatabase(inject("servers").postgresUrl, `months_${process.pid}_${Date.now()}`);
  client = await connect();
  await withMigrationsOf("0.2.0", (folder) => migrate(databaseUrl, folder));
});
afterAll(() => client.end());

async function connect(): Promise<pg.Client> {
  const connected = new pg.Client({ connectionString: databaseUrl });
  await connected.connect();
  return connected;
}

// As version 0.2.0 sends them.
const insert = `INSERT INTO "public"."AuditEvent" ("at", "event", "outcome", "userId", "ip", "detail")
  VALUES ($1, 'sign_in.succeeded', 'success', gen_random_uuid(), '203.0.113.9', '{"sub": "x"}') RETURNING "public"."AuditEvent"."id"`;
const sweep = `DELETE FROM "AuditEvent" WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM "AuditEvent" WHERE "at" < $1 ORDER BY "at" LIMIT 100 FOR UPDATE SKIP LOCKED))`;

it("CC-08: an instance of the version before writes, reads and sweeps the audit trail while it becomes one of months, and afterwards", async () => {
  const old = await connect();
  const dayMs = 86_400_000;
  const write = (at = new Date()) => old.query<{ id: string }>(insert, [at]).then(({ rows }) => Number(rows[0]?.id));
  const before = [await write(new Date(Date.now() - 500 * dayMs)), await write()];
  const during: number[] = [];
  let isDone = false;
  const migrated = migrate(databaseUrl).finally(() => {
    isDone = true;
  });
  while (!isDone) during.push(await write());
  await migrated;
  const after = await write();
  const ids = (await client.query<{ id: string }>(`SELECT id FROM "AuditEvent" ORDER BY id`)).rows.map(({ id }) =>
    Number(id),
  );
  expect(ids).toEqual([...before, ...during, after]);
  const { rows } = await client.query(
    `SELECT count(*)::int AS unsalted FROM "AuditEvent" WHERE salt IS NULL AND id > (SELECT since FROM "AuditSealer")`,
  );
  expect(rows).toEqual([{ unsalted: 0 }]);
  expect((await old.query(sweep, [new Date(Date.now() - 400 * dayMs)])).rowCount).toBe(1);
  expect((await client.query(`SELECT 1 FROM "AuditEvent"`)).rowCount).toBe(ids.length - 1);
  await old.end();
});

it("a role that might write the audit trail may still, and what a backup reads keeps nobody from migrating for good", async () => {
  const url = await createDatabase(inject("servers").postgresUrl, `granted_${process.pid}_${Date.now()}`);
  const role = `granted_${process.pid}`;
  const owner = new pg.Client({ connectionString: url });
  const backup = new pg.Client({ connectionString: url });
  await Promise.all([owner.connect(), backup.connect()]);
  await withMigrationsOf("0.2.0", (folder) => migrate(url, folder));
  await owner.query(
    `CREATE ROLE ${role}; GRANT INSERT, SELECT, UPDATE ON "AuditEvent" TO ${role}; GRANT USAGE ON SEQUENCE "AuditEvent_id_seq" TO ${role}`,
  );
  await backup.query(`BEGIN; SELECT 1 FROM "AuditEvent"`);
  const migrated = migrate(url);
  const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event IN ('relation', 'PgSleep')`;
  await expect.poll(async () => (await owner.query(waits)).rowCount).toBe(1);
  await backup.query("COMMIT");
  await migrated;
  await owner.query(`SET ROLE ${role}`);
  expect((await owner.query(insert, [new Date()])).rows).toEqual([{ id: "1" }]);
  expect((await owner.query(`UPDATE "AuditSealer" SET "upTo" = "upTo"`)).rowCount).toBe(1);
  await owner.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await Promise.all([owner.end(), backup.end()]);
});
