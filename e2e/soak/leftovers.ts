import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import type { StartedApp } from "../support/start-app";
import type { Violation } from "./history";

/** What a run has left behind after everything was stopped: processes of its instances, and files in their temporary folder. */
export function findLeftovers(groups: readonly number[], folder: string): Violation[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pgid=,stat="], { encoding: "utf8" });
  const living = stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([group, state]) => groups.includes(Number(group)) && !state?.startsWith("Z"));
  const files = readdirSync(folder);
  const at = Date.now();
  const rule = "nothing is left behind";
  return [
    ...(living.length > 0 ? [{ rule, what: `${living.length} processes live on`, at }] : []),
    ...(files.length > 0 ? [{ rule, what: `files in the temporary folder: ${files.join(", ")}`, at }] : []),
  ];
}

/** How many calls the services still answer. */
export function openCalls({ services }: Pick<StartedApp, "services">): number {
  const journals = Object.values(services).map(({ control }) => control.journal());
  return journals.flat().filter(({ endedAt }) => endedAt === null).length;
}
