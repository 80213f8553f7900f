import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "@/dev/run/build";
import { measureCost, type Target } from "./measure";
import { type SelfTimes, selfTimes } from "./self-time";
import type { BenchApp } from "./world";

const folder = join(root, ".data/bench/app");
const preload = new URL("profiler.mjs", import.meta.url).href;
const fileOf = (name: string) => join(folder, `${name}.cpuprofile`);
const shown = 30;

/** What an app is told so that it can be profiled. */
export function profilerEnvironment(name: BenchApp["name"]): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  return { NODE_OPTIONS: `--import ${preload}`, BENCH_PROFILE_FILE: fileOf(name) };
}

/** Profiles as many requests as make a round, and prints where an app's time went. The profile stays. */
export function reportProfile(label: string, target: Target): Promise<void> {
  return profileAround(label, target.app, () => measureCost(target));
}

/**
 * Profiles an app while something is done with it twice, the first time without the profiler, and prints where its time went.
 *
 * @param act answers with the processor time that one of what it did took
 */
export async function profileAround(
  label: string,
  app: BenchApp,
  act: () => Promise<{ processorMs: number }>,
): Promise<void> {
  const file = fileOf(app.name);
  for (const path of [file, `${file}.started`]) rmSync(path, { force: true });
  // Taking samples costs as well, and a sample's time is the clock's. The shares are right, and are made parts of this.
  const { processorMs } = await act();
  process.kill(app.running.pid, "SIGUSR2");
  await until(`${file}.started`);
  await act();
  process.kill(app.running.pid, "SIGUSR2");
  await until(file);
  const { modules, packages, functions } = selfTimes(file);
  console.log(`\n${label}: ${app.name}, ${processorMs.toFixed(2)} ms of processor time, by self time (${file})`);
  print("package or folder", packages, processorMs);
  print("module", modules, processorMs);
  print("function", functions, processorMs);
}

function print(title: string, times: SelfTimes, processorMs: number): void {
  const all = times.reduce((sum, [, ms]) => sum + ms, 0);
  console.log(`\n  ms each, by ${title}`);
  for (const [name, ms] of times.slice(0, shown)) {
    console.log(
      `  ${((ms / all) * processorMs).toFixed(3).padStart(7)}  ${((ms / all) * 100).toFixed(1).padStart(4)} %  ${name}`,
    );
  }
}

async function until(path: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; !existsSync(path); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`The profiler did not write ${path}.`);
  }
}
