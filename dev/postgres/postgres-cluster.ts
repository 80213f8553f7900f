import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { canReach, requireOurs, type ServerUser, temporaryTwin } from "./postgres-binaries";

/** Where the data lives: the wanted folder, or one that PostgreSQL's user can reach. */
export function chooseDataDirectory(wanted: string, user: ServerUser): string {
  const directory = resolve(wanted);
  if (canReach(directory, user)) return directory;
  const twin = temporaryTwin(directory);
  requireOurs(twin);
  return join(twin, "postgres");
}

/**
 * Makes a data directory unless there is one, and returns the superuser's password.
 *
 * @param durable whether it has to live through a power cut
 * @throws Error when it was made by another major version
 */
export function prepareCluster(programs: string, directory: string, user: ServerUser, durable: boolean): string {
  const passwordFile = `${directory}.password`;
  const version = readIfThere(join(directory, "PG_VERSION"))?.trim();
  const password = readIfThere(passwordFile)?.trim();
  if (version && password) {
    const ours = spawnSync(join(programs, "postgres"), ["--version"], { encoding: "utf8", ...user }).stdout;
    if (new RegExp(`\\b${version}(?:\\.|beta|rc)`).test(ours)) return password;
    throw new Error(
      `The data in ${directory} was made by PostgreSQL ${version}, and this is ${ours.trim()}. Delete it, or set DATABASE_URL.`,
    );
  }
  return createCluster(programs, directory, user, durable);
}

function createCluster(programs: string, directory: string, user: ServerUser, durable: boolean): string {
  // Built beside its place and moved there when it is whole: a first start that is cut leaves no half directory.
  const draft = `${directory}.new`;
  const password = randomBytes(24).toString("base64url");
  for (const path of [draft, directory]) rmSync(path, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  const handover = join(draft, "password");
  writeFileSync(`${directory}.password`, password, { mode: 0o600 });
  // initdb wants an empty directory: the password lies beside the data until it has been read.
  const data = join(draft, "data");
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(handover, password, { mode: 0o600 });
  if (user) for (const path of [draft, data, handover]) chownSync(path, user.uid, user.gid);
  const flags = [
    `--pgdata=${data}`,
    "--username=postgres",
    `--pwfile=${handover}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // The same order and case rules on every machine, whatever locales it has.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    ...(durable ? [] : ["--no-sync"]),
  ];
  const { status, error, stderr } = spawnSync(join(programs, "initdb"), flags, {
    encoding: "utf8",
    cwd: dirname(data),
    env: { ...process.env, LC_ALL: "C" },
    ...user,
  });
  if (status !== 0) throw new Error(`initdb failed:\n${stderr || error}`, { cause: error });
  renameSync(data, directory);
  rmSync(draft, { recursive: true, force: true });
  return password;
}

/**
 * Ends a server that outlived the process that started it, and clears its lock file, so that its port and data are free.
 *
 * @throws Error when the one who started it is still alive: that one's data is not for us to take
 */
export async function clearLeftovers(directory: string): Promise<void> {
  const lock = join(directory, "postmaster.pid");
  const pid = Number(readIfThere(lock)?.split("\n")[0]);
  if (!pid) return;
  if (isServerOf(pid, directory)) {
    const owner = Number(readIfThere(`${directory}.owner`));
    if (owner && owner !== process.pid && isAlive(owner)) {
      throw new Error(`The database in ${directory} is in use by process ${owner}. Stop that one first.`);
    }
    if (owner === process.pid) throw new Error(`The database in ${directory} is running already.`);
    process.kill(pid, "SIGINT");
    for (let waited = 0; isAlive(pid); waited += 100) {
      if (waited > 10_000) throw new Error(`A PostgreSQL left behind (process ${pid}) does not stop.`);
      await sleep(100);
    }
  }
  rmSync(lock, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// A process id is given out again after a restart: only a PostgreSQL that names this directory is meant.
function isServerOf(pid: number, directory: string): boolean {
  if (!isAlive(pid)) return false;
  const proc = `/proc/${pid}/cmdline`;
  const command = existsSync("/proc/self/cmdline")
    ? (readIfThere(proc) ?? "").replaceAll("\0", " ")
    : spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout;
  return command.includes("postgres") && command.includes(directory);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
