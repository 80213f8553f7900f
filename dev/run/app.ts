import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { endGroup, exitOf } from "../process/child";
import { findFreePort } from "../process/ports";
import { tie } from "../process/tied";
import { nextCli, root } from "./build";

export interface RunningApp {
  /** `http://localhost:<port>`, without a slash at its end. */
  url: string;
  port: number;
  pid: number;
  /** Everything that it has printed so far, both streams in one. */
  output(): string;
  /** Resolves with its exit code when it ends, for whatever reason. */
  exit: Promise<number>;
  /** Ends it, and resolves when its process is gone. May be called again. */
  stop(): Promise<void>;
}

export interface StartAppOptions {
  /** All that the app is told besides PATH and the like. Nothing of our own environment's settings reaches it. */
  env: Readonly<Record<string, string | undefined>>;
  /** A free one by default. `env` has to agree with it: see `appEnvironment`. */
  port?: number;
  /** The folder that holds `.next`; the repository by default. */
  directory?: string;
  /** Next's command line; the repository's by default. */
  next?: string;
  /** How long it may take to answer `/healthz`. */
  timeoutMs?: number;
  /** Whether to wait for `/healthz` at all. Not to, for one that is meant to refuse to start: see `exit`. */
  waitUntilReady?: boolean;
}

// What a process needs to run, and nothing that could configure the app.
const inherited = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "SystemRoot", "NODE_EXTRA_CA_CERTS", "NODE_V8_COVERAGE"];

/**
 * Starts a production build on loopback, as its own process.
 *
 * @throws Error with its output when it ends or does not answer in time
 */
export async function startApp(options: StartAppOptions): Promise<RunningApp> {
  const port = options.port ?? (await findFreePort());
  const base = Object.fromEntries(inherited.map((name) => [name, process.env[name]]));
  const child = spawn(process.execPath, [options.next ?? nextCli, "start", "-H", "localhost", "-p", String(port)], {
    cwd: options.directory ?? root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...base,
      // Keeps Next from adding what the developer's own .env files say.
      __NEXT_PROCESSED_ENV: "true",
      NEXT_TELEMETRY_DISABLED: "1",
      PORT: String(port),
      AUTH_URL: `http://localhost:${port}`,
      ...options.env,
      NODE_ENV: "production",
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const letGo = tie(child, "SIGKILL", { group: true });
  const exit = exitOf(child);
  const stop = async () => {
    await endGroup(child, 5_000);
    letGo();
  };
  const url = `http://localhost:${port}`;
  if (options.waitUntilReady ?? true) {
    try {
      await waitUntilHealthy(url, exit, options.timeoutMs ?? 30_000);
    } catch (cause) {
      await stop();
      throw new Error(`The app did not come up:\n${output}`, { cause });
    }
  }
  return { url, port, pid: child.pid ?? 0, output: () => output, exit, stop };
}

/**
 * Asks `/healthz` until it answers 200.
 *
 * @throws Error when `exit` resolves first, or after `timeoutMs`
 */
export async function waitUntilHealthy(url: string, exit: Promise<number>, timeoutMs: number): Promise<void> {
  let ended: number | undefined;
  exit.then((code) => {
    ended = code;
  });
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(100)) {
    if (ended !== undefined) throw new Error(`It ended with exit code ${ended}.`);
    try {
      const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000), redirect: "manual" });
      await response.body?.cancel();
      if (response.status === 200) return;
    } catch {
      // Not listening yet.
    }
  }
  throw new Error(`No answer from ${url}/healthz within ${timeoutMs} ms.`);
}
