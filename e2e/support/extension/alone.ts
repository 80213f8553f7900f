import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs work that only one process of this machine may do at a time; the others wait for it.
 *
 * @param lock the file that says who is at it. One whose process is gone counts for nothing.
 */
export async function alone<T>(lock: string, work: () => Promise<T>): Promise<T> {
  while (!take(lock)) await sleep(250);
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (!isHeld(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isHeld(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // Empty for the moment between its making and its writing.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
