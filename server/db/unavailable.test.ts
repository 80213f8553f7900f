import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Postgres, startPostgres } from "@/dev/postgres/postgres";
import { createTestDatabase } from "@/dev/postgres/test-database";
import { findFreePort } from "@/dev/process/ports";
import { migrate } from "@/prisma/migrate";
import { createDatabaseClient } from "./client";
import { databaseFailureCode, isDatabaseUnavailable, unavailabilityReason } from "./unavailable";

/** Fails when nothing is thrown. Answers with what was, and after how many milliseconds. */
async function failure(attempt: () => PromiseLike<unknown>): Promise<{ error: unknown; ms: number }> {
  const begun = performance.now();
  try {
    await attempt();
  } catch (error) {
    return { error, ms: performance.now() - begun };
  }
  throw new Error("It should have failed.");
}

describe("a PostgreSQL that goes away", () => {
  let folder: string;
  let options: { dataDir: string; port: number; durable: false };
  let postgres: Postgres;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "daemun-test-"));
    chmodSync(folder, 0o755);
    options = { dataDir: join(folder, "data"), port: await findFreePort(), durable: false };
    postgres = await startPostgres(options);
    await migrate(postgres.url);
  });

  afterAll(async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is unavailable while it is gone, and the same client works when it is back", async () => {
    const db = createDatabaseClient(postgres.url);
    expect(await db.user.count()).toBe(0);

    const underWay = failure(() => db.$queryRaw`SELECT pg_sleep(3)`);
    const inTransaction = failure(() =>
      db.$transaction(async (tx) => {
        await tx.user.count();
        await tx.$queryRaw`SELECT pg_sleep(3)`;
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    await postgres.stop();

    const failures = {
      underWay: await underWay,
      inTransaction: await inTransaction,
      read: await failure(() => db.user.findMany()),
      again: await failure(() => db.user.findMany()),
      write: await failure(() => db.user.create({ data: { name: "a" } })),
      raw: await failure(() => db.$queryRaw`SELECT 1`),
      batch: await failure(() => db.$transaction([db.user.count(), db.session.count()])),
      interactive: await failure(() => db.$transaction((tx) => tx.user.count())),
    };
    for (const [what, { error, ms }] of Object.entries(failures)) {
      expect(isDatabaseUnavailable(error), `${what}: ${describeError(error)}`).toBe(true);
      expect(ms, what).toBeLessThan(8_000);
    }

    postgres = await startPostgres(options);
    expect(await db.user.count()).toBe(0);
    await db.$disconnect();
  });

  it("is unavailable when it freezes with connections open, in less than ten seconds", {
    timeout: 60_000,
  }, async () => {
    const db = createDatabaseClient(postgres.url);
    const [row] = await db.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    let pause = () => {};
    const paused = new Promise<void>((resolve) => {
      pause = resolve;
    });
    let within: Promise<{ error: unknown; ms: number }> | undefined;
    const other = await new Promise<number>((resolve) => {
      within = failure(() =>
        db.$transaction(async (tx) => {
          const [inside] = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
          resolve(inside?.pid ?? 0);
          await paused;
          await tx.user.count();
        }),
      );
    });
    const pids = new Set([postgres.pid, row?.pid ?? 0, other]);
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    pause();
    try {
      const failures = await Promise.all([
        failure(() => db.user.findMany()),
        failure(() => db.$transaction((tx) => tx.user.count())),
        within ?? failure(() => Promise.resolve()),
      ]);
      for (const { error, ms } of failures) {
        expect(isDatabaseUnavailable(error), describeError(error)).toBe(true);
        expect(ms).toBeLessThan(9_500);
      }
    } finally {
      for (const pid of pids) process.kill(pid, "SIGCONT");
    }
    expect(await db.user.count()).toBe(0);
    await db.$disconnect();
  });

  it("is unavailable when a statement takes too long", async () => {
    const db = createDatabaseClient(postgres.url);
    const { error, ms } = await failure(() => db.$queryRaw`SELECT pg_sleep(30)`);
    expect(isDatabaseUnavailable(error), describeError(error)).toBe(true);
    expect(ms).toBeLessThan(8_000);
    await db.$disconnect();
  });

  it("FF-74: is waited for while every connection is in use and work gets done", async () => {
    const db = createDatabaseClient(postgres.url, 2);
    const holders = Promise.all(Array.from({ length: 4 }, () => db.$executeRaw`SELECT pg_sleep(2)`));
    const inTransactions = Promise.all([1, 2].map(() => db.$transaction((tx) => tx.$executeRaw`SELECT pg_sleep(0.1)`)));
    expect(await db.user.count()).toBe(0);
    await holders;
    await inTransactions;
    await db.$disconnect();
  });

  it("leaves no connection inside a transaction whose statement got no answer", async () => {
    const db = createDatabaseClient(postgres.url, 1);
    const { error } = await failure(() =>
      db.$transaction(async (tx) => {
        // PostgreSQL would give up first.
        await tx.$executeRaw`SET LOCAL statement_timeout = 0`;
        await tx.$executeRaw`SELECT pg_sleep(6)`;
      }),
    );
    expect(isDatabaseUnavailable(error), describeError(error)).toBe(true);
    const { id } = await db.user.create({ data: { name: "kept" } });
    const other = createDatabaseClient(postgres.url, 1);
    expect(await other.user.findUnique({ where: { id } })).toMatchObject({ name: "kept" });
    await db.user.delete({ where: { id } });
    await Promise.all([db.$disconnect(), other.$disconnect()]);
  });

  it("ends a statement whose client has gone, by a setting that its migration made", async () => {
    const db = createDatabaseClient(postgres.url, 2);
    expect(await db.$queryRaw`SELECT current_setting('client_connection_check_interval') AS interval`).toEqual([
      { interval: "2s" },
    ]);
    await failure(() => db.$queryRaw`SELECT pg_sleep(1000), 'abandoned'`);
    const abandoned = () => db.$queryRaw`
      SELECT pid FROM pg_stat_activity WHERE query LIKE '%abandoned%' AND state = 'active' AND pid <> pg_backend_pid()`;
    await expect.poll(abandoned).toEqual([]);
    await db.$disconnect();
  });

  it("FF-67: says why in the words of whoever refused, without the password", async () => {
    const reasonAt = async (change: (url: URL) => void) => {
      const url = new URL(postgres.url);
      change(url);
      const { error } = await failure(() => createDatabaseClient(url.href).user.count());
      expect(databaseFailureCode(error), describeError(error)).toBe("database_unavailable");
      return unavailabilityReason(error);
    };
    const password = "wrong-canary";
    const reasons = {
      nowhere: await reasonAt((url) => Object.assign(url, { pathname: "/nowhere" })),
      stranger: await reasonAt((url) => Object.assign(url, { password })),
      closed: await reasonAt((url) => Object.assign(url, { port: "1" })),
      plain: await reasonAt((url) => url.searchParams.set("sslmode", "require")),
    };
    expect(reasons).toEqual({
      nowhere: '3D000 database "nowhere" does not exist',
      stranger: '28P01 password authentication failed for user "postgres"',
      closed: "DatabaseNotReachable 127.0.0.1 1",
      plain: "The server does not support SSL connections",
    });
  });
});

it("a server that never answers is unavailable after three seconds", async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : 0;
  const db = createDatabaseClient(`postgresql://u:p@127.0.0.1:${port}/x`);
  const failures = await Promise.all([
    failure(() => db.user.count()),
    failure(() => db.$transaction((tx) => tx.user.count())),
  ]);
  for (const { error, ms } of failures) {
    expect(isDatabaseUnavailable(error), describeError(error)).toBe(true);
    expect(ms).toBeLessThan(5_000);
  }
  for (const socket of sockets) socket.destroy();
  silent.close();
});

it("a port where nothing listens, and a host that has no name, are unavailable", async () => {
  for (const host of [
    `127.0.0.1:${await findFreePort()}`,
    `localhost:${await findFreePort()}`,
    "nowhere.invalid:5432",
  ]) {
    const { error } = await failure(() => createDatabaseClient(`postgresql://u:p@${host}/x`).user.count());
    expect(isDatabaseUnavailable(error), describeError(error)).toBe(true);
  }
});

describe("what is not unavailability", () => {
  it("a unique value taken, a row not there, a wrong query and a wrong column", async () => {
    const db = createDatabaseClient(await createTestDatabase(inject("servers").postgresUrl));
    await db.user.create({ data: { email: "connection terminated@x.example" } });
    const failures = [
      await failure(() => db.user.create({ data: { email: "connection terminated@x.example" } })),
      await failure(() => db.user.findUniqueOrThrow({ where: { id: "00000000-0000-4000-8000-000000000000" } })),
      await failure(() => db.user.findUnique({ where: { id: "no uuid" } })),
      await failure(() => db.$queryRaw`SELECT nothing FROM nowhere`),
    ];
    for (const { error } of failures) expect(isDatabaseUnavailable(error), describeError(error)).toBe(false);
    await db.$disconnect();
  });

  it("anything that is no database error", () => {
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    for (const error of [
      undefined,
      null,
      "ECONNREFUSED",
      57,
      circle,
      new Error("no"),
      { code: 57 },
      { code: "ENOENT" },
    ]) {
      expect(isDatabaseUnavailable(error)).toBe(false);
    }
  });
});

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name} ${error.message} ${JSON.stringify(error)}` : String(error);
}
