import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { endGroup, exitOf } from "../../../dev/process/child";
import { findFreePort } from "../../../dev/process/ports";
import { tie } from "../../../dev/process/tied";
import { scriptOf } from "./keycloak-distribution";

export interface Keycloak {
  /** `http://127.0.0.1:<port>`: another host than the app's, so that no cookie goes to both. */
  url: string;
  admin: { username: string; password: string };
  /**
   * Ends its process and starts it again on the same database and port.
   *
   * @param whileDown what happens in between
   */
  restart(whileDown?: () => Promise<void>): Promise<void>;
}

/** How long it may take on a busy machine, from nothing to its first answer. */
export const keycloakStartMs = 400_000;

let started: Promise<Keycloak> | undefined;

/** The Keycloak that all test files of a run share. It ends with this process, and its database with it. */
export function shareKeycloak(folder: string): Promise<Keycloak> {
  started ??= startKeycloak(folder);
  return started;
}

async function startKeycloak(folder: string): Promise<Keycloak> {
  const base = mkdtempSync(join(inject("field").folder, "keycloak-"));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const admin = { username: "field-admin", password: randomBytes(16).toString("hex") };
  let child = launch(folder, { base, port, admin });
  await untilItAnswers(url, child);
  return {
    url,
    admin,
    restart: async (whileDown) => {
      await endGroup(child.process, 60_000);
      child.letGo();
      await whileDown?.();
      child = launch(folder, { base, port, admin });
      await untilItAnswers(url, child);
    },
  };
}

interface Launched {
  process: ChildProcess;
  output(): string;
  letGo(): void;
}

function launch(
  folder: string,
  { base, port, admin }: { base: string; port: number; admin: Keycloak["admin"] },
): Launched {
  const options = {
    "http-enabled": "true",
    "http-host": "127.0.0.1",
    "http-port": String(port),
    "hostname-strict": "false",
    cache: "local",
    "db-url": `jdbc:h2:file:${join(base, "keycloak")};NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE`,
  };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const child = spawn("sh", [scriptOf(folder), "start", "--optimized", ...args], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      NODE_ENV: process.env.NODE_ENV,
      PATH: process.env.PATH,
      HOME: base,
      ...(process.env.JAVA_HOME && { JAVA_HOME: process.env.JAVA_HOME }),
      KC_BOOTSTRAP_ADMIN_USERNAME: admin.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: admin.password,
      JAVA_OPTS_KC_HEAP: "-Xms96m -Xmx512m",
      // It lives for minutes: what the second compiler costs, it does not earn back.
      JAVA_OPTS_APPEND: "-XX:TieredStopAtLevel=1",
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-20_000);
    });
  }
  return { process: child, output: () => output, letGo: tie(child, "SIGKILL", { group: true }) };
}

async function untilItAnswers(url: string, launched: Launched): Promise<void> {
  let ended: number | undefined;
  void exitOf(launched.process).then((code) => {
    ended = code;
  });
  for (const deadline = Date.now() + keycloakStartMs; Date.now() < deadline; await sleep(250)) {
    if (ended !== undefined) break;
    try {
      const signal = AbortSignal.timeout(20_000);
      const answer = await fetch(`${url}/realms/master/.well-known/openid-configuration`, { signal });
      await answer.body?.cancel();
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
  }
  await endGroup(launched.process);
  throw new Error(`Keycloak did not come up:\n${launched.output()}`);
}
