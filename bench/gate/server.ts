import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findFreePort } from "@/dev/process/ports";
import { secret, type Variant } from "./variants";

const root = fileURLToPath(new URL("../..", import.meta.url));
const nextCli = join(root, "node_modules/next/dist/bin/next");

export interface Server {
  url: string;
  end(): Promise<void>;
}

/**
 * Lays out the app with the variant's middleware below `.data/bench/gate` and builds it for production.
 *
 * @returns the app's folder
 * @throws Error when `next build` fails, with its output
 */
export async function build(variant: Variant): Promise<string> {
  const folder = join(root, ".data/bench/gate", variant.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const source of ["app", "instrumentation.ts", "next.config.mjs"]) {
    cpSync(join(root, "bench/gate", source), join(folder, source), { recursive: true });
  }
  cpSync(join(root, variant.middleware), join(folder, "middleware.ts"));
  const compilerOptions = { jsx: "react-jsx", moduleResolution: "bundler", paths: { "@/*": ["../../../../*"] } };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));

  const child = run(["build", folder]);
  const [code] = await once(child.process, "exit");
  if (code !== 0) throw new Error(`The build with ${variant.label} failed.\n${child.output()}`);
  return folder;
}

/** Serves a built app on a free port of the loopback address. Resolves when it answers. */
export async function start(folder: string): Promise<Server> {
  const port = await findFreePort();
  const child = run(["start", folder, "-H", "127.0.0.1", "-p", String(port)]);
  const server = {
    url: `http://127.0.0.1:${port}`,
    async end() {
      if (child.process.exitCode !== null || child.process.signalCode !== null) return;
      const exit = once(child.process, "exit");
      child.process.kill("SIGTERM");
      await exit;
    },
  };
  for (let attempt = 0; attempt < 150; attempt += 1) {
    if (child.process.exitCode !== null) throw new Error(`next start ended.\n${child.output()}`);
    if (await fetch(server.url, { redirect: "manual" }).catch(() => null)) return server;
    await sleep(200);
  }
  await server.end();
  throw new Error(`next start does not answer.\n${child.output()}`);
}

function run(args: string[]): { process: ChildProcess; output(): string } {
  const child = spawn(process.execPath, [nextCli, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", AUTH_SECRET: secret },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output = (output + chunk).slice(-20_000);
    });
  }
  return { process: child, output: () => output };
}
