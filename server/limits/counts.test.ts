import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { createMinuteCounts } from "../audit/minute-bound";
import { db } from "../db/client";
import { provideEnv } from "../settings/env";
import { createBatches } from "./batches";
import { countOn } from "./counts";
import { countInDatabase } from "./postgres-counts";

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

const ascending = (n: number) => Array.from({ length: n }, (_, at) => at + 1);
const sorted = (counts: readonly number[]) => [...counts].sort((a, b) => a - b);

it("two hundred checks at once count two hundred, each its own, and cause few statements", async () => {
  let statements = 0;
  const instance = () =>
    createBatches((hits) => {
      statements += 1;
      return countInDatabase(hits);
    });
  const [one, other] = [instance(), instance()];
  const checks = ascending(200).map((n) => (n % 2 ? one : other)(["crowd"]));
  const counts = (await Promise.all(checks)).map(([counted]) => counted?.count ?? 0);
  expect(sorted(counts)).toEqual(ascending(200));
  expect(statements).toBeLessThan(20);
});

it("two hundred statements that meet count two hundred too, whatever the order of their keys", async () => {
  const keys = ["a", "b", "c"];
  const left = ascending(200);
  const counted: Awaited<ReturnType<typeof countInDatabase>>[] = [];
  const lane = async () => {
    for (let n = left.pop(); n !== undefined; n = left.pop()) {
      const order = n % 2 ? keys : keys.toReversed();
      counted.push(await countInDatabase(new Map(order.map((key) => [key, 1]))));
    }
  };
  // As many as there are connections: more would wait for one, and not for each other's rows.
  await Promise.all(Array.from({ length: 8 }, lane));
  for (const key of keys) {
    expect(sorted(counted.map((counts) => counts.get(key)?.count ?? 0))).toEqual(ascending(200));
  }
});

it("a minute begins with the first check and ends by the database's clock", async () => {
  const once = async () => (await countInDatabase(new Map([["minute", 1]]))).get("minute");
  expect(await once()).toEqual({ count: 1, leftMs: 60_000 });
  const again = await once();
  expect(again?.count).toBe(2);
  expect(again?.leftMs).toBeLessThanOrEqual(60_000);
  await client.query(`UPDATE "RateLimit" SET "expiresAt" = now() + interval '7 seconds' WHERE key = 'minute'`);
  const late = await once();
  expect(late?.count).toBe(3);
  expect(late?.leftMs).toBeLessThanOrEqual(7000);
  await client.query(`UPDATE "RateLimit" SET "expiresAt" = now() WHERE key = 'minute'`);
  expect(await once()).toEqual({ count: 1, leftMs: 60_000 });
});

it("a key that could be anything but a text is refused", async () => {
  for (const key of ["it's", "a\\", "a\0", "", "a;b", "x".repeat(201)]) {
    await expect(countInDatabase(new Map([[key, 1]]))).rejects.toThrow("no key");
  }
});

it("the table is unlogged: it costs no write-ahead log, and a crash may forget it", async () => {
  const { rows } = await client.query(`SELECT relpersistence FROM pg_class WHERE relname = 'RateLimit'`);
  expect(rows).toEqual([{ relpersistence: "u" }]);
});

it("without its table the count goes on in the process: nobody is let in for it", async () => {
  await client.query(`ALTER TABLE "RateLimit" RENAME TO "Elsewhere"`);
  try {
    const counts: number[] = [];
    for (let n = 0; n < 5; n += 1) counts.push((await countOn(["away"]))[0]?.count ?? 0);
    expect(counts).toEqual(ascending(5));
  } finally {
    await client.query(`ALTER TABLE "Elsewhere" RENAME TO "RateLimit"`);
  }
});

it("what a process counts by itself is bounded: of too many keys the oldest is forgotten", () => {
  let now = 0;
  const hit = createMinuteCounts(2, () => now);
  expect([hit("a"), hit("a"), hit("b"), hit("c"), hit("a")].map(({ count }) => count)).toEqual([1, 2, 1, 1, 1]);
  now = 59_000;
  expect(hit("a")).toEqual({ count: 2, leftMs: 1000 });
  now = 60_000;
  expect(hit("a")).toEqual({ count: 1, leftMs: 60_000 });
});
