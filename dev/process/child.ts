import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** Resolves with a child's exit code; a signal counts as 128 and more, as a shell says it. */
export function exitOf(child: ChildProcess): Promise<number> {
  const codeOf = () =>
    child.exitCode ?? (child.signalCode === "SIGINT" ? 130 : child.signalCode === "SIGTERM" ? 143 : 137);
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(codeOf());
    else {
      child.once("exit", () => resolve(codeOf()));
      child.once("error", () => resolve(1));
    }
  });
}

/**
 * Ends a child that was started with `detached: true`, and with it everything that it started: asks first, and after
 * `graceMs` insists. Resolves when it is gone.
 */
export async function endGroup(child: ChildProcess, graceMs = 8_000): Promise<void> {
  const exit = exitOf(child);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    signalGroup(child, signal);
    const gone = await Promise.race([exit.then(() => true), sleep(graceMs, false, { ref: false })]);
    if (gone) break;
  }
  // The leader is gone; what it left in its group is not asked again.
  signalGroup(child, "SIGKILL");
}

/** Signals a detached child's whole group. One that is gone already is no fault. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (!child.pid) return;
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
