import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exitOf } from "../../dev/process/child";
import { findFreePort } from "../../dev/process/ports";
import { tie } from "../../dev/process/tied";

/** Where Redis is on this machine, or null: `apt-get install redis-server` on Debian. */
export function findRedis(): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];
  return folders.map((folder) => join(folder, "redis-server")).find((file) => existsSync(file)) ?? null;
}

export interface TestRedis {
  url: string;
  /** Kills it: what it had is gone. */
  kill(): Promise<void>;
  /** Has it hang, with its connections open, and go on. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Redis of its own on loopback, with a password, which keeps nothing on disk. @throws Error where there is none */
export async function startRedis(): Promise<TestRedis> {
  const command = findRedis();
  if (command === null) throw new Error("There is no redis-server on this machine.");
  const port = await findFreePort();
  const password = randomBytes(12).toString("hex");
  const options = {
    bind: "127.0.0.1",
    port: String(port),
    save: "",
    appendonly: "no",
    requirepass: password,
    dir: tmpdir(),
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  let stopped: () => Promise<void>;
  let signal: (name: NodeJS.Signals) => void;
  const start = async () => {
    const child = spawn(command, args, { stdio: "ignore" });
    const letGo = tie(child, "SIGKILL");
    signal = (name) => void child.kill(name);
    stopped = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = exitOf(child);
      child.kill("SIGKILL");
      await ended;
      letGo();
    };
    for (let tries = 0; !(await listens(port)); tries += 1) {
      if (tries === 200 || child.exitCode !== null) throw new Error("Redis did not start.");
      await sleep(50);
    }
  };
  await start();
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    kill: () => stopped(),
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    restart: start,
    stop: () => stopped(),
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
