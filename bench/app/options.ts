import { spawnSync } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { parseArgs } from "node:util";
import { type AppName, appNames } from "@/bench/baselines/build";
import { fetchNode } from "@/dev/run/fetch-node";

/** What a bench of whole apps is told on its command line. */
export interface Options {
  rounds: number;
  /** Which of the cases; all where nobody says. */
  only: readonly string[] | undefined;
  names: readonly AppName[];
  /** Takes the builds of an earlier run. */
  keep: boolean;
  /** Says what was missed, and ends with 0 all the same. */
  report: boolean;
  /** Tells where the time goes, in place of a race. */
  profile: boolean;
}

/**
 * Reads the command line. `--node 24` runs the same bench by that Node, apps and builds too, and ends this process with it.
 *
 * @throws Error for an option that there is not
 */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      only: { type: "string" },
      apps: { type: "string" },
      node: { type: "string" },
      keep: { type: "boolean", default: false },
      report: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
    },
  });
  if (values.node) process.exit(runBy(values.node));
  const { keep, report, profile, apps } = values;
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error(`--rounds ${values.rounds} is no number of rounds.`);
  const names = appNames.filter((name) => !apps || apps.split(",").includes(name));
  console.log(`Node ${process.versions.node}`);
  return { rounds, only: values.only?.split(","), names, keep, report, profile };
}

function runBy(version: string): number {
  const node = fetchNode(version);
  const own = process.argv.slice(1).filter((word, at, all) => word !== "--node" && all[at - 1] !== "--node");
  const { status } = spawnSync(node, ["--import", "tsx", ...own], {
    stdio: "inherit",
    env: { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) },
  });
  return status ?? 1;
}
