import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const autocannon = fileURLToPath(new URL("../node_modules/autocannon/autocannon.js", import.meta.url));
const connections = "50";
const warmUpSeconds = "2";
const seconds = "5";

/**
 * Asks for `url` from 50 connections for 5 seconds, after a warm-up, from a process of its own.
 *
 * @returns requests a second
 * @throws Error when any answer was not 2xx, or none came
 */
export async function measure(url: string, headers: Record<string, string>): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    autocannon,
    ...["--json", "--no-progress", "--connections", connections, "--duration", seconds],
    ...["--warmup", "[", "-c", connections, "-d", warmUpSeconds, "]"],
    ...Object.entries(headers).flatMap(([name, value]) => ["--headers", `${name}=${value}`]),
    url,
  ]);
  const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0 || !(result["2xx"] > 0))
    throw new Error(`${url}: ${failed} requests failed, ${result["2xx"]} did not.`);
  return result["2xx"] / result.duration;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
}
