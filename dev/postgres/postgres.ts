import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { tie } from "../process/tied";
import { findServerUser, preparePrograms } from "./postgres-binaries";
import { chooseDataDirectory, clearLeftovers, prepareCluster } from "./postgres-cluster";

export interface PostgresOptions {
  /** Where the data should live. Another folder is taken, and said, when PostgreSQL's user cannot reach this one. */
  dataDir: string;
  port: number;
  /** Whether data has to live through a power cut. Tests do without, and are faster for it. */
  durable?: boolean;
  /** Settings of the server, besides those that it is always given. */
  settings?: Readonly<Record<string, string>>;
  /** Whether it follows another server, as its data directory says: then it has that one's databases, and none is made. */
  isStandby?: boolean;
}

export interface Postgres {
  /** Of the database `daemun`, as the superuser. */
  url: string;
  dataDir: string;
  pid: number;
  /** Ends the server in order, and resolves when its process is gone. May be called again. */
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;

/**
 * Starts a real PostgreSQL on 127.0.0.1 and resolves when it answers. The data directory is made at the first start.
 *
 * @throws Error with the server's last words when it ends instead, and when another living process uses the directory
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const durable = options.durable ?? true;
  const user = findServerUser();
  const dataDir = chooseDataDirectory(options.dataDir, user);
  if (dataDir !== resolve(options.dataDir)) {
    console.log(`PostgreSQL keeps its data in ${dataDir}, because its user cannot reach ${resolve(options.dataDir)}.`);
  }
  mkdirSync(dirname(dataDir), { recursive: true });
  await clearLeftovers(dataDir);
  const programs = preparePrograms(user);
  const password = prepareCluster(programs, dataDir, user, durable);

  const settings = {
    listen_addresses: "127.0.0.1",
    port: options.port,
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    max_connections: 150,
    ...(!durable && { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // A group of its own: the terminal's Ctrl-C would reach it too, and take the database from an app that is still stopping.
  const child = spawn(join(programs, "postgres"), ["-D", dataDir, ...flags], {
    cwd: dataDir,
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
    ...user,
  });
  const stop = stopper(child, dataDir);
  try {
    writeFileSync(`${dataDir}.owner`, String(process.pid));
    const server = `postgresql://postgres:${password}@127.0.0.1:${options.port}`;
    await waitUntilReady(child, `${server}/postgres`);
    if (!options.isStandby) await createDatabase(`${server}/postgres`, "daemun", { keep: true });
    return { url: `${server}/daemun`, dataDir, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where the data of `startPostgres` is or would be, after ending a server that an earlier, killed process left there. */
export async function clearLeftoverPostgres(wanted: string): Promise<void> {
  await clearLeftovers(chooseDataDirectory(wanted, findServerUser()));
}

/**
 * Makes a database on a server.
 *
 * @param url of any database on that server
 * @param options.template a database to copy, to which nobody may be connected; `keep` accepts one that is there already
 * @returns the new database's URL
 */
export async function createDatabase(
  url: string,
  name: string,
  options: { template?: string; keep?: boolean } = {},
): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    const template = options.template ? ` TEMPLATE ${pg.escapeIdentifier(options.template)}` : "";
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}${template}`);
  } catch (error) {
    const there = (error as { code?: string }).code === "42P04";
    if (!(there && options.keep)) throw error;
  } finally {
    await client.end();
  }
  const created = new URL(url);
  created.pathname = `/${encodeURIComponent(name)}`;
  return created.href;
}

async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  let lastWords = "";
  child.stderr?.on("data", (chunk) => {
    lastWords = `${lastWords}${chunk}`.slice(-4_000);
  });
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  for (const deadline = Date.now() + startTimeoutMs; ; await sleep(50)) {
    if (failure || child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`PostgreSQL did not start:\n${failure?.message ?? lastWords}`);
    }
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`PostgreSQL does not answer:\n${lastWords}`, { cause: error });
    }
  }
}

function stopper(child: ChildProcess, dataDir: string): () => Promise<void> {
  const gone = new Promise<void>((settle) => {
    child.once("exit", () => settle());
    child.once("error", () => settle());
  });
  const letGo = tie(child, "SIGINT");
  return async () => {
    // SIGINT ends connections and writes everything down; SIGQUIT leaves that to the next start.
    for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
      child.kill(signal);
      const ended = await Promise.race([gone.then(() => true), sleep(10_000, false, { ref: false })]);
      if (ended) break;
    }
    letGo();
    rmSync(`${dataDir}.owner`, { force: true });
  };
}
