import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createDatabase } from "../../dev/postgres/postgres";
import { openSource } from "./source";

let address: string;
let pool: pg.Pool;
beforeAll(async () => {
  const name = `former_${randomUUID().replaceAll("-", "")}`;
  address = await createDatabase(inject("servers").postgresUrl, name);
  pool = new pg.Pool({ connectionString: address, max: 1 });
  // Small tables would be read whole otherwise, whatever indexes they have.
  await pool.query(`ALTER DATABASE ${name} SET enable_seqscan = off`);
});
afterAll(() => pool?.end());

it.each([
  ["uuid", "uuid", (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`],
  ["integer", "integer", (at: number) => String(at)],
  ["bigint", "integer", (at: number) => String(at)],
  ["varchar", "varchar(255)", (at: number) => `u${at}`],
])("accounts of users with ids of type %s, named by %s, are found by their index", async (type, named, idOf) => {
  const tables = { user: `users_${type}`, account: `accounts_${type}` };
  await pool.query(`CREATE TABLE ${tables.user} (id ${type} PRIMARY KEY, email text);
    CREATE TABLE ${tables.account} ("userId" ${named}, provider text, "providerAccountId" text);
    CREATE INDEX by_${type} ON ${tables.account} ("userId")`);
  for (const at of [1, 2, 3]) {
    await pool.query(`INSERT INTO ${tables.user} VALUES ($1, $2)`, [idOf(at), `u${at}@x.example`]);
    await pool.query(`INSERT INTO ${tables.account} VALUES ($1, 'company', $2)`, [idOf(at), `s-${at}`]);
  }
  const source = await openSource(address, tables);
  const users = await source.usersAfter(idOf(1), 10);
  await source.close();
  expect(users.map(({ id, accounts }) => [id, accounts.map(({ subject }) => subject)])).toEqual([
    [idOf(2), ["s-2"]],
    [idOf(3), ["s-3"]],
  ]);
  const uses = () =>
    pool.query("SELECT idx_scan::int AS uses FROM pg_stat_user_indexes WHERE indexrelname = $1", [`by_${type}`]);
  // The server counts it once the connection has ended.
  await expect.poll(async () => (await uses()).rows).not.toEqual([{ uses: 0 }]);
});

it("a ban that is over disables nobody, and one without an end does", async () => {
  await pool.query(`CREATE TABLE "user" (id text PRIMARY KEY, email text, banned boolean, "banExpires" timestamptz);
    CREATE TABLE account ("userId" text, "providerId" text, "accountId" text);
    INSERT INTO "user" VALUES ('a', 'a@x.example', true, now() - interval '1 day'),
      ('b', 'b@x.example', true, now() + interval '1 day'), ('c', 'c@x.example', true, NULL),
      ('d', 'd@x.example', false, NULL)`);
  const source = await openSource(address, { user: "user", account: "account" });
  const users = await source.usersAfter(null, 10);
  await source.close();
  expect(users.map(({ id, isBanned }) => [id, isBanned])).toEqual([
    ["a", false],
    ["b", true],
    ["c", true],
    ["d", false],
  ]);
});

it("a time without a zone is UTC, as Prisma and Drizzle write it, wherever the command runs", async () => {
  await pool.query(`CREATE TABLE users_times (id text PRIMARY KEY, email text, "emailVerified" timestamp(3), "createdAt" timestamptz);
    CREATE TABLE accounts_times ("userId" text, provider text, "providerAccountId" text);
    INSERT INTO users_times VALUES ('a', 'a@x.example', '2026-01-02 03:04:05.678', '2026-01-02 12:04:05+09'),
      ('b', 'b@x.example', 'infinity', NULL)`);
  const { TZ } = process.env;
  process.env.TZ = "Asia/Seoul";
  try {
    const source = await openSource(address, { user: "users_times", account: "accounts_times" });
    const users = await source.usersAfter(null, 10);
    await source.close();
    expect(users.map(({ emailVerified, createdAt }) => [emailVerified, createdAt])).toEqual([
      [new Date("2026-01-02T03:04:05.678Z"), new Date("2026-01-02T03:04:05Z")],
      [null, null],
    ]);
  } finally {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  }
});
