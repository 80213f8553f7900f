import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Of Linux: in how many parts of a second its kernel counts. */
const ticks = () => Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
let ticksPerSecond: number | undefined;

/**
 * Milliseconds of processor time that an app has taken so far: all threads, in user and kernel mode, of all living processes of
 * its group, and of those that these have waited for. To ten milliseconds.
 *
 * @param group the process id of the leader, which was started with `detached: true`
 * @throws Error where there is no `/proc` (anything but Linux)
 */
export function processorTimeOf(group: number): number {
  if (process.platform !== "linux") throw new Error("Processor time is read from /proc, which only Linux has.");
  ticksPerSecond ??= ticks();
  let sum = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    // After the name, which may contain anything, parentheses too: proc_pid_stat(5).
    const fields = statOf(pid)?.split(") ").at(-1)?.split(" ");
    if (!fields || Number(fields[2]) !== group) continue;
    sum += fields.slice(11, 15).reduce((total, value) => total + Number(value), 0);
  }
  return (sum / ticksPerSecond) * 1000;
}

function statOf(pid: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // It has ended meanwhile.
    return null;
  }
}
