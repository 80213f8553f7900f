import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { createDatabase } from "../dev/postgres/postgres";
import { createDatabaseClient } from "../server/db/client";
import { Prisma } from "./generated/client";
import { MigrationError, migrate, reset } from "./migrate";

let url: string;
let folder: string;
let count = 0;

beforeEach(async () => {
  url = await createDatabase(inject("servers").postgresUrl, `migrate_${process.pid}_${count++}`);
  folder = mkdtempSync(join(tmpdir(), "daemun-migrations-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, sql: string) {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, "migration.sql"), sql);
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const tables = async () =>
  (await query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).map((row) => row.tablename);

describe("a migrated database", () => {
  it("has every column that the generated client reads", async () => {
    await migrate(url);
    const client = createDatabaseClient(url);
    for (const model of Object.keys(Prisma.ModelName)) {
      const name = model.charAt(0).toLowerCase() + model.slice(1);
      const delegate = Reflect.get(client, name) as { findMany(): Promise<unknown[]> };
      await expect(delegate.findMany(), model).resolves.toBeInstanceOf(Array);
    }
    await client.$disconnect();
  });

  it.each(["Asia/Seoul", "America/St_Johns", "UTC"])(
    "keeps every time with its zone, where the database's is %s",
    async (zone) => {
      await migrate(url);
      await query(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET TimeZone = '${zone}'`);
      const client = createDatabaseClient(url);
      expect(await client.$queryRaw`SELECT current_setting('TimeZone') AS zone`).toEqual([{ zone }]);
      const emailVerified = new Date("2026-03-01T12:34:56.789Z");
      const { id } = await client.user.create({ data: { emailVerified } });
      const [row] = await query(`SELECT extract(epoch FROM "emailVerified") * 1000 AS at FROM "User"`);
      expect(Number(row?.at)).toBe(emailVerified.getTime());
      const read = await client.user.findUniqueOrThrow({ where: { id } });
      expect(read.emailVerified).toEqual(emailVerified);
      expect(Math.abs(read.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
      // In what is asked for, in a transaction, in SQL by hand, and in what comes back as JSON.
      expect(await client.user.count({ where: { emailVerified: { in: [emailVerified] } } })).toBe(1);
      expect(await client.user.count({ where: { emailVerified: { lt: emailVerified } } })).toBe(0);
      const [byHand] = await client.$transaction(
        (tx) =>
          tx.$queryRaw<
            { at: Date }[]
          >`SELECT "emailVerified" AS at FROM "User" WHERE "emailVerified" = ${emailVerified}`,
      );
      expect(byHand?.at).toEqual(emailVerified);
      const identity = { userId: id, type: "oidc", provider: "company", providerAccountId: "x", issuer: "x" };
      await client.account.create({ data: { ...identity, lastSignInAt: emailVerified } });
      const joined = await client.account.findFirstOrThrow({ include: { user: true }, relationLoadStrategy: "join" });
      expect([joined.lastSignInAt, joined.user.emailVerified]).toEqual([emailVerified, emailVerified]);
      await client.$disconnect();
    },
  );
});

describe("the ledger", () => {
  it("reads as if `prisma migrate deploy` had written it", async () => {
    write("20260101000000_one", "CREATE TABLE one (id int);\n");
    await migrate(url, folder);
    const columns = await query(
      "SELECT column_name, udt_name, character_maximum_length AS length, is_nullable, column_default FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position",
    );
    // Taken from a database that Prisma's own schema engine had migrated.
    expect(columns.map((column) => Object.values(column))).toEqual([
      ["id", "varchar", 36, "NO", null],
      ["checksum", "varchar", 64, "NO", null],
      ["finished_at", "timestamptz", null, "YES", null],
      ["migration_name", "varchar", 255, "NO", null],
      ["logs", "text", null, "YES", null],
      ["rolled_back_at", "timestamptz", null, "YES", null],
      ["started_at", "timestamptz", null, "NO", "now()"],
      ["applied_steps_count", "int4", null, "NO", "0"],
    ]);
    expect(await query("SELECT * FROM _prisma_migrations")).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        checksum: "b8f928ff41da98938f5d9452516c35f7f5b24ed8bf74448cb6252d614e0c90f9",
        finished_at: expect.any(Date),
        migration_name: "20260101000000_one",
        logs: null,
        rolled_back_at: null,
        started_at: expect.any(Date),
        applied_steps_count: 1,
      },
    ]);
  });

  it("that Prisma wrote is gone on with, and a newer app's migration is left alone", async () => {
    write("20260101000000_one", "CREATE TABLE one (id int);");
    await migrate(url, folder);
    await query("UPDATE _prisma_migrations SET migration_name = '20990101000000_later'");
    await query("DROP TABLE one");
    expect(await migrate(url, folder)).toEqual(["20260101000000_one"]);
    expect(await migrate(url, folder)).toEqual([]);
  });

  it("names a migration that was changed after it had been applied", async () => {
    write("20260101000000_one", "CREATE TABLE one (id int);");
    await migrate(url, folder);
    write("20260101000000_one", "CREATE TABLE one (id bigint);");
    write("20260102000000_two", "CREATE TABLE two (id int);");
    await expect(migrate(url, folder)).rejects.toMatchObject({
      code: "MIGRATION_CHANGED",
      migration: "20260101000000_one",
    });
    expect(await tables()).toEqual(["_prisma_migrations", "one"]);
  });

  it("does not take other line ends for a change", async () => {
    write("20260101000000_one", "CREATE TABLE one (id int);\n");
    await migrate(url, folder);
    write("20260101000000_one", "CREATE TABLE one (id int);\r\n");
    expect(await migrate(url, folder)).toEqual([]);
  });

  it("names a migration that another tool left unfinished", async () => {
    write("20260101000000_one", "CREATE TABLE one (id int);");
    await migrate(url, folder);
    await query("UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0");
    await expect(migrate(url, folder)).rejects.toMatchObject({ code: "MIGRATION_UNFINISHED" });
  });
});

it("two runners at once apply each migration once", async () => {
  for (let index = 0; index < 5; index++) {
    write(`2026010100000${index}_step`, `CREATE TABLE t${index} (id int); SELECT pg_sleep(0.05);`);
  }
  const applied = await Promise.all([1, 2, 3].map(() => migrate(url, folder)));
  expect(applied.flat()).toHaveLength(5);
  expect(await query("SELECT count(*)::int AS rows FROM _prisma_migrations")).toEqual([{ rows: 5 }]);
});

it("FF-62: a runner leaves no lock behind, and says what to do where another tool has left one", async () => {
  write("20260101000000_one", "CREATE TABLE one (id int);");
  await migrate(url, folder);
  const [free] = await query("SELECT pg_try_advisory_lock(72707369) AS free");
  expect(free).toEqual({ free: true });
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  await holder.query("SELECT pg_advisory_lock(72707369)");
  await expect(migrate(url, folder, 100)).rejects.toThrow(/DIRECT_URL/);
  await holder.end();
  expect(await migrate(url, folder)).toEqual([]);
});

it("a broken migration leaves nothing half applied, is reported, and can be tried again", async () => {
  write("20260101000000_one", "CREATE TABLE one (id int);");
  write("20260102000000_two", "CREATE TABLE two (id int); SELECT 1 / 0;");
  write("20260103000000_three", "CREATE TABLE three (id int);");
  const error = await migrate(url, folder).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MigrationError);
  expect(error).toMatchObject({ code: "MIGRATION_FAILED", migration: "20260102000000_two" });
  expect(String(error)).toContain("division by zero");
  expect(await tables()).toEqual(["_prisma_migrations", "one"]);
  const [row] = await query("SELECT * FROM _prisma_migrations WHERE migration_name LIKE '%two'");
  expect(row).toMatchObject({ finished_at: null, rolled_back_at: expect.any(Date), applied_steps_count: 0 });
  expect(row?.logs).toContain("division by zero");

  write("20260102000000_two", "CREATE TABLE two (id int);");
  expect(await migrate(url, folder)).toEqual(["20260102000000_two", "20260103000000_three"]);
});

describe("a table that somebody holds", () => {
  let holder: pg.Client;
  beforeEach(async () => {
    write("20260101000000_one", "CREATE TABLE one (id int);");
    await migrate(url, folder);
    holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query("BEGIN; SELECT * FROM one");
  });
  afterEach(() => holder.end());

  const isWaitedFor = async () =>
    (await query("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'one'::regclass")).length > 0;

  it("is waited for by a migration, whole, while readers go on", async () => {
    write("20260102000000_two", "CREATE TABLE two (id int); ALTER TABLE one ADD COLUMN more int;");
    const migrated = migrate(url, folder);
    await expect.poll(isWaitedFor, { interval: 20 }).toBe(true);
    // Behind the migration in the queue, and done before the table is free.
    expect(await query("SELECT * FROM one")).toEqual([]);
    await holder.query("COMMIT");
    expect(await migrated).toEqual(["20260102000000_two"]);
    expect(await query("SELECT more FROM one")).toEqual([]);
    expect(await query("SELECT count(*)::int AS rows FROM _prisma_migrations")).toEqual([{ rows: 2 }]);
  });

  it("is waited for as long as a migration says that has a limit of its own", async () => {
    write("20260102000000_two", "SET LOCAL lock_timeout = 0; ALTER TABLE one ADD COLUMN more int;");
    const migrated = migrate(url, folder);
    await expect.poll(isWaitedFor, { interval: 20 }).toBe(true);
    await holder.query("COMMIT");
    expect(await migrated).toEqual(["20260102000000_two"]);
  });
});

describe("reset", () => {
  it("empties the database and migrates it from nothing", async () => {
    await migrate(url);
    await query("CREATE TABLE stray (id int)");
    expect(await reset(url)).not.toEqual([]);
    expect(await tables()).not.toContain("stray");
  });

  it("refuses in production, and on another machine", async () => {
    await expect(reset("postgresql://u:p@db.example/x")).rejects.toThrow("another machine");
    const before = process.env.NODE_ENV;
    try {
      Object.assign(process.env, { NODE_ENV: "production" });
      await expect(reset(url)).rejects.toThrow("production");
    } finally {
      Object.assign(process.env, { NODE_ENV: before });
    }
  });
});
