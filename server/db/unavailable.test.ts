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
import { isDatabaseUnavailable } from "./unavailable";

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

  it("is unavailable when every connection is in use", { timeout: 30_000 }, async () => {
    const db = createDatabaseClient(postgres.url);
    const holders = Array.from({ length: 10 }, () => db.$queryRaw`SELECT pg_sleep(3.8)`);
    const held = Promise.allSettled(holders.map(async (holder) => await holder));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { error, ms } = await failure(() => db.user.count());
    expect(isDatabaseUnavailable(error), describeError(error)).toBe(true);
    expect(ms).toBeLessThan(8_000);
    await held;
    await db.$disconnect();
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
