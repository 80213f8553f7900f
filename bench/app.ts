import { parseArgs } from "node:util";
import { type Case, cases } from "./app/cases";
import { type Cost, measureCost, prepare, type Target } from "./app/measure";
import { profilerEnvironment, reportProfile } from "./app/profile";
import { cookiesOf, registerUsers } from "./app/sign-in";
import { openWorld, type World } from "./app/world";
import { type AppName, appNames } from "./baselines/build";
import { median } from "./load";
import { runBench } from "./registry/run";

/**
 * What a request costs the app as it ships, beside apps that do the same: bare Next, a thin hand-rolled one, NextAuth.
 */
const { values: told } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    only: { type: "string" },
    apps: { type: "string" },
    keep: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
  },
});
const rounds = Number(told.rounds);
const wanted = told.only?.split(",");
const names = appNames.filter((name) => !told.apps || told.apps.split(",").includes(name));
const users = 10;

await runBench("app", async (bench) => {
  const world = await openWorld(bench, {
    names,
    keep: told.keep,
    env: (name) => (told.profile ? profilerEnvironment(name) : {}),
  });
  try {
    const targets = await prepareAll(world);
    if (told.profile) {
      for (const [{ label }, list] of targets) for (const target of list) await reportProfile(label, target);
      return [];
    }
    await race(targets);
    return [];
  } finally {
    await world.end();
  }
});

async function prepareAll({ apps, control }: World): Promise<Map<Case, Target[]>> {
  const subs = await registerUsers(control, "bench", users);
  const cookies = new Map<AppName, string[]>();
  for (const app of apps) cookies.set(app.name, await cookiesOf(app, subs));
  // Nobody signs in there. Requests of one size are sent all the same.
  cookies.set("bare", cookies.get("daemun") ?? cookies.get("thin") ?? []);
  const targets = new Map<Case, Target[]>();
  for (const which of cases.filter(({ id }) => !wanted || wanted.includes(id))) {
    const found: Target[] = [];
    for (const app of apps) {
      const target = await prepare(which, app, cookies.get(app.name) ?? []);
      if (target) found.push(target);
    }
    targets.set(which, found);
  }
  return targets;
}

async function race(targets: Map<Case, Target[]>): Promise<void> {
  const costs = new Map<Target, Cost[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const [{ id }, list] of targets) {
      const line: string[] = [];
      // Every other round runs backwards, so that a machine that slows down or speeds up favours nobody.
      for (const target of round % 2 === 1 ? list : [...list].reverse()) {
        const cost = await measureCost(target);
        costs.set(target, [...(costs.get(target) ?? []), cost]);
        line.push(`${target.app.name} ${cost.processorMs.toFixed(2)}`);
      }
      console.log(`Round ${round}, ${id}: ${line.join(", ")}`);
    }
  }
  console.log(`\nMedians of ${rounds} rounds: processor milliseconds a request, requests a second`);
  for (const [{ label }, list] of targets) {
    console.log(label);
    for (const target of list) {
      const of = (field: keyof Cost) => median((costs.get(target) ?? []).map((cost) => cost[field]));
      console.log(
        `  ${target.app.name.padEnd(12)}${of("processorMs").toFixed(2).padStart(8)}${of("requestsPerSecond").toFixed(0).padStart(8)}`,
      );
    }
  }
}
