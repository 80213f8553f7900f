import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { endGroup, exitOf } from "../../../dev/process/child";
import { findFreePort } from "../../../dev/process/ports";
import { tie } from "../../../dev/process/tied";
import { openLoginApp } from "./hydra-login";
import { run } from "./programs";

/** How long it may take to its first answer on a busy machine. */
const startMs = 120_000;

export interface Hydra {
  /** `http://127.0.0.1:<port>`, also of the public API. */
  issuer: string;
  /** A request to the administrator's API. */
  ask<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  /** What is said of a user from the next sign-in on, by the name that they sign in with. */
  users: Map<string, Record<string, unknown>>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Hydra with a database of its own, and an app that asks its users who they are. */
export async function startHydra(program: string): Promise<Hydra> {
  const base = mkdtempSync(join(inject("field").folder, "hydra-"));
  const [publicPort, adminPort] = [await findFreePort(), await findFreePort()];
  const issuer = `http://127.0.0.1:${publicPort}`;
  const users = new Map<string, Record<string, unknown>>();
  const ask = administrator(`http://127.0.0.1:${adminPort}`);
  const loginApp = await openLoginApp(ask, users);
  const env = {
    DSN: `sqlite://${join(base, "hydra.sqlite")}?_fk=true`,
    SECRETS_SYSTEM: randomBytes(16).toString("hex"),
    SERVE_PUBLIC_HOST: "127.0.0.1",
    SERVE_PUBLIC_PORT: String(publicPort),
    SERVE_ADMIN_HOST: "127.0.0.1",
    SERVE_ADMIN_PORT: String(adminPort),
    URLS_SELF_ISSUER: issuer,
    URLS_LOGIN: `${loginApp.url}/login`,
    URLS_CONSENT: `${loginApp.url}/consent`,
    URLS_LOGOUT: `${loginApp.url}/logout`,
    STRATEGIES_ACCESS_TOKEN: "jwt",
    LOG_LEVEL: "warn",
  };
  await run(program, ["migrate", "sql", "-e", "--yes"], { env, cwd: dirname(program), timeoutMs: startMs });
  let child = await launch(program, env, issuer);
  const stop = async () => {
    await endGroup(child.process);
    child.letGo();
    await loginApp.close();
  };
  const restart = async () => {
    await endGroup(child.process);
    child.letGo();
    child = await launch(program, env, issuer);
  };
  return { issuer, ask, users, restart, stop };
}

async function launch(program: string, env: Record<string, string>, issuer: string) {
  const child = spawn(program, ["serve", "all", "--dev", "--sqa-opt-out"], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { NODE_ENV: process.env.NODE_ENV, PATH: process.env.PATH, ...env },
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-20_000);
  });
  const letGo = tie(child, "SIGKILL", { group: true });
  if (await answers(issuer, child)) return { process: child, letGo };
  await endGroup(child);
  throw new Error(`Hydra did not come up:\n${output}`);
}

async function answers(issuer: string, child: ChildProcess): Promise<boolean> {
  let hasEnded = false;
  void exitOf(child).then(() => {
    hasEnded = true;
  });
  for (const deadline = Date.now() + startMs; Date.now() < deadline && !hasEnded; await sleep(100)) {
    try {
      const answer = await fetch(`${issuer}/health/ready`, { signal: AbortSignal.timeout(5_000) });
      await answer.body?.cancel();
      if (answer.ok) return true;
    } catch {
      // Not listening yet.
    }
  }
  return false;
}

function administrator(url: string): Hydra["ask"] {
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${url}/admin${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return (text ? JSON.parse(text) : undefined) as T;
  };
}
