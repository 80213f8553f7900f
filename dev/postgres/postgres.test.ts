import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findFreePort } from "../process/ports";
import { type Postgres, startPostgres } from "./postgres";
import { canReach, findServerUser } from "./postgres-binaries";

let folder: string;
let options: { dataDir: string; port: number; durable: boolean };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "daemun-test-"));
  chmodSync(folder, 0o755);
  options = { dataDir: join(folder, "data"), port: await findFreePort(), durable: false };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function query(postgres: Postgres, sql: string) {
  const client = new pg.Client({ connectionString: postgres.url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it("a second start finds the data, in UTF-8, and a stop leaves no process", async () => {
  const first = await startPostgres(options);
  await query(first, "CREATE TABLE kept AS SELECT '대문' AS word");
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);

  const second = await startPostgres(options);
  expect(await query(second, "SELECT word, length(word) FROM kept")).toEqual([{ word: "대문", length: 2 }]);
  await second.stop();
  await second.stop();
});

it("refuses a directory that a living server uses", async () => {
  const first = await startPostgres(options);
  await expect(startPostgres({ ...options, port: await findFreePort() })).rejects.toThrow("running already");
  expect(await query(first, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await first.stop();
});

it("wants the password", async () => {
  const postgres = await startPostgres(options);
  const url = new URL(postgres.url);
  url.password = "wrong";
  await expect(query({ ...postgres, url: url.href }, "SELECT 1")).rejects.toThrow("password");
  await postgres.stop();
});

it("starts after a server that was killed", async () => {
  const first = await startPostgres(options);
  process.kill(first.pid, "SIGKILL");
  await expect.poll(() => isAlive(first.pid), { timeout: 10_000 }).toBe(false);
  const second = await startPostgres(options);
  expect(await query(second, "SELECT count(*)::int AS rows FROM kept")).toEqual([{ rows: 1 }]);
  await second.stop();
});

it("does not outlive a launcher that was killed, and the next start finds its data", async () => {
  const script = `import("./dev/postgres/postgres.ts").then(({ startPostgres }) => startPostgres(${JSON.stringify(options)}))
    .then(({ pid }) => console.log("server", pid)); setInterval(() => {}, 1000);`;
  const launcher = spawn(process.execPath, ["--import", "tsx", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(launcher.stdout, "data");
  const orphan = Number(/server (\d+)/.exec(String(line))?.[1]);
  launcher.kill("SIGKILL");
  await once(launcher, "exit");
  await expect.poll(() => isAlive(orphan), { timeout: 10_000 }).toBe(false);

  const postgres = await startPostgres(options);
  expect(await query(postgres, "SELECT count(*)::int AS rows FROM kept")).toEqual([{ rows: 1 }]);
  await postgres.stop();
});

it("says what PostgreSQL said when it does not start", async () => {
  const first = await startPostgres(options);
  const other = { ...options, dataDir: join(folder, "other") };
  await expect(startPostgres(other)).rejects.toThrow(/did not start:[\s\S]*(?:in use|could not bind)/);
  await first.stop();
});

it("moves below the temporary folder where its user cannot reach", async (context) => {
  const closed = join(folder, "closed");
  const wanted = join(closed, "data");
  mkdirSync(closed, { mode: 0o700 });
  if (canReach(wanted, findServerUser())) context.skip("only root starts PostgreSQL as somebody else");
  const postgres = await startPostgres({ ...options, dataDir: wanted });
  expect(postgres.dataDir).not.toContain(closed);
  await postgres.stop();
  rmSync(join(postgres.dataDir, ".."), { recursive: true });
});

it("takes over from a server whose launcher is long gone", async () => {
  const first = await startPostgres(options);
  // Nobody has the highest number that Linux gives to a process.
  writeFileSync(`${first.dataDir}.owner`, "4194304");
  const second = await startPostgres(options);
  expect(isAlive(first.pid)).toBe(false);
  expect(await query(second, "SELECT count(*)::int AS rows FROM kept")).toEqual([{ rows: 1 }]);
  await second.stop();
  await first.stop();
});
