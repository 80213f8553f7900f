import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resourcesOf } from "../../dev/resource-servers/start";
import type { RunningApp } from "../../dev/run/app";
import { buildExtended } from "../support/extension/build";
import { testServices } from "../support/service-names";
import { type StartedApp, startTestApp } from "../support/start-app";
import { judgeAnswers } from "./answer-model";
import { type DatabaseOutage, makeTrouble } from "./chaos";
import { Collector } from "./collector";
import { Device } from "./device";
import { emptyHistory, type Violation } from "./history";
import { judgeLease } from "./lease-model";
import { findLeftovers } from "./leftovers";
import { countErrors } from "./log-lines";
import { targetOf } from "./provider-facts";
import { seeded } from "./random";
import { userWord } from "./recorder";
import { type Report, summarize } from "./report";
import { settle } from "./settle";
import { watchForStarvation } from "./starvation";
import { use } from "./user";
import type { Account, Instance, World } from "./world";

export interface SoakOptions {
  /** Of a PostgreSQL that has the template of `createTemplate`. */
  postgresUrl: string;
  /** How long users and faults go on. */
  seconds: number;
  /** What everybody does is drawn from it. When is the machine's matter. */
  seed: string;
  /** How the database goes away and comes back; its wire is cut and mended by default. */
  restartDatabase?: DatabaseOutage;
  /** Within how long a stream has to end after its session, milliseconds; 15,000 by default, not judged where null. */
  streamsEndWithinMs?: number | null;
}

const users = 4;
const devicesPerUser = 2;
// So short that refreshes go on all the time.
const accessTokenSeconds = 5;

/** Lets users and faults loose on two instances for a while, and judges everything that happened. */
export async function soak(options: SoakOptions): Promise<Report> {
  const { seed, seconds } = options;
  const folder = mkdtempSync(join(tmpdir(), "daemun-soak-"));
  const groups: number[] = [];
  try {
    const app = await openApp(options.postgresUrl, folder);
    const begun = Date.now();
    const { violations, ...facts } = await run(app, options, groups).finally(() => app.close());
    const left = findLeftovers(groups, folder);
    return summarize({ ...facts, violations: [...violations, ...left], seed, seconds, begun });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openApp(postgresUrl: string, folder: string): Promise<StartedApp> {
  const { folder: directory } = await buildExtended();
  const env = {
    TMPDIR: folder,
    RATE_LIMIT_PER_MINUTE: "1000000",
    // Sign-ins whose answer was cut leave sessions that nobody has: they must not push out others.
    SESSION_MAX_PER_USER: "1000",
    // As in production: tests of discovery want it fetched each time.
    DISCOVERY_MAX_AGE_SECONDS: undefined,
  };
  const resources = { ...resourcesOf(testServices), "https://reports.example/api": ["reports:read"] };
  return startTestApp({ postgresUrl, env, resources, directory });
}

async function run(app: StartedApp, options: SoakOptions, groups: number[]) {
  const { seed, seconds, streamsEndWithinMs = 15_000 } = options;
  const random = seeded(seed);
  const sibling = await app.startSibling();
  const instances: [Instance, Instance] = [instanceOf(app.instance), instanceOf(sibling)];
  const accounts: Account[] = Array.from({ length: users }, (_, at) => ({ word: userWord(at, random) }));
  for (const { word } of accounts) {
    const email = `${word}@company.example`;
    await app.control.putUser("company", {
      sub: word,
      login: word,
      name: `User ${word}`,
      email,
      emailVerified: true,
      roles: ["admin"],
    });
  }
  await app.control.setTokenLifetime("company", accessTokenSeconds);
  const history = emptyHistory();
  const world: World = { app, instances, history, accounts, ghosts: [], until: 0 };
  const collector = new Collector(app);
  const stopWatching = watchForStarvation(world);
  const devices = accounts.flatMap((account) =>
    Array.from(
      { length: devicesPerUser },
      (_, at) => new Device(world, account, seeded(`${seed} ${account.word} ${at}`)),
    ),
  );
  // One after the other: an app that has just started is slow. And a run in which nobody got in would break nothing.
  for (const device of devices) await device.signIn();
  world.until = Date.now() + seconds * 1000;
  const outage = options.restartDatabase ?? cutWire(app);
  await Promise.all([...devices.map(use), makeTrouble(world, seeded(`${seed} chaos`), outage)]);
  const unsettled = await settle(world, devices, { streamsEndWithinMs });
  stopWatching();
  const collected = await collector.finish();
  groups.push(...instances.map(({ running }) => running.pid));
  history.served.push(...collected.served);
  const { refreshes, rotations } = collected;
  const violations: Violation[] = [
    ...judgeAnswers({ ...history, refreshes, streamsEndWithinMs }),
    ...judgeLease({ ...history, refreshes, rotations, servedTarget: targetOf("https://shopping.example/api") }),
    ...unsettled,
  ];
  const outputs = instances.flatMap(({ lives }) => lives.map((life) => life.output()));
  return { history, violations, refreshes, rotations, errors: countErrors(outputs) };
}

function instanceOf(running: RunningApp): Instance {
  return { url: running.url, port: running.port, running, lives: [running] };
}

function cutWire({ database }: StartedApp): DatabaseOutage {
  return async (awayMs) => {
    await database.cut();
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    await database.mend();
  };
}
