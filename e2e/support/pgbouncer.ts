import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findServerUser } from "../../dev/postgres/postgres-binaries";
import { endGroup, exitOf } from "../../dev/process/child";
import { findFreePort } from "../../dev/process/ports";
import { tie } from "../../dev/process/tied";

/** Where PgBouncer is on this machine, or null. Debian keeps it where only root looks. */
export function findPgBouncer(): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, "pgbouncer")).find((file) => existsSync(file)) ?? null;
}

/** Whether it keeps named prepared statements apart, as it does since 1.21. */
export function keepsPreparedStatements(program: string): boolean {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(spawnSync(program, ["--version"], { encoding: "utf8" }).stdout) ?? [];
  return Number(major) > 1 || Number(minor) >= 21;
}

export interface Pooler {
  /** Of the database that it was started for; other names reach other databases of that server. */
  url: string;
  /** Ends it, and every connection with it. */
  stop(): Promise<void>;
  /** Starts it again, where it was. */
  start(): Promise<void>;
  /** Ends it for good, and leaves nothing behind. */
  close(): Promise<void>;
}

/**
 * Puts PgBouncer in front of a server, in transaction mode; everything else is as it comes.
 *
 * @param directUrl of a database, by a role that may sign in there
 * @param settings lines of its configuration besides
 */
export async function startPgBouncer(directUrl: string, settings: readonly string[] = []): Promise<Pooler> {
  const program = findPgBouncer();
  if (!program) throw new Error("There is no PgBouncer on this machine.");
  const direct = new URL(directUrl);
  const port = await findFreePort();
  const directory = mkdtempSync(join(tmpdir(), "daemun-pgbouncer-"));
  const userList = `"${decodeURIComponent(direct.username)}" "${decodeURIComponent(direct.password)}"\n`;
  const configuration = [
    "[databases]",
    `* = host=${direct.hostname} port=${direct.port}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = scram-sha-256",
    `auth_file = ${directory}/users`,
    "pool_mode = transaction",
    ...settings,
  ];
  writeFileSync(join(directory, "users"), userList, { mode: 0o600 });
  writeFileSync(join(directory, "pgbouncer.ini"), `${configuration.join("\n")}\n`, { mode: 0o600 });
  // It refuses to run as root, as PostgreSQL does.
  const user = findServerUser();
  if (user) {
    for (const path of [directory, join(directory, "users"), join(directory, "pgbouncer.ini")])
      chownSync(path, user.uid, user.gid);
  }
  let end = async () => {};
  const start = async () => {
    const child = spawn(program, ["-q", join(directory, "pgbouncer.ini")], {
      cwd: directory,
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      ...user,
    });
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const letGo = tie(child, "SIGKILL", { group: true });
    let hasEnded = false;
    void exitOf(child).then(() => {
      hasEnded = true;
    });
    end = async () => {
      await endGroup(child, 3_000);
      letGo();
    };
    for (const deadline = Date.now() + 10_000; !(await listens(port)); await sleep(50)) {
      if (!hasEnded && Date.now() < deadline) continue;
      await end();
      throw new Error(`PgBouncer did not come up:\n${output}`);
    }
  };
  await start().catch((error: unknown) => {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  });
  const url = new URL(directUrl);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  const close = async () => {
    await end();
    rmSync(directory, { recursive: true, force: true });
  };
  return { url: url.href, start, stop: () => end(), close };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
