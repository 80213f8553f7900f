import { type Case, cases } from "./app/cases";
import { type Cost, measureCost, prepare, type Target } from "./app/measure";
import { readOptions } from "./app/options";
import { profilerEnvironment, reportProfile } from "./app/profile";
import { type Costs, judge, judgeStatements, type Verdict } from "./app/promises";
import { cookiesOf, registerUsers } from "./app/sign-in";
import { countingSettings, openStatementCounter, printStatements, statementsEach } from "./app/statements";
import { conclude } from "./app/verdict";
import { openWorld, type World } from "./app/world";
import type { AppName } from "./baselines/build";
import { median } from "./load";
import { runBench } from "./registry/run";

/**
 * What a request costs the app as it ships, beside apps that do the same: bare Next, a thin hand-rolled one, NextAuth.
 */
const { rounds, only, names, keep, report, profile } = readOptions();
const users = 10;
const countedRequests = 200;

const work: Parameters<typeof runBench>[1] = async (bench) => {
  const world = await openWorld(bench, { names, keep, env: (name) => (profile ? profilerEnvironment(name) : {}) });
  try {
    const targets = await prepareAll(world);
    if (profile) {
      for (const [{ label }, list] of targets) for (const target of list) await reportProfile(label, target);
    }
    const verdict = profile ? { lines: [], missed: [] } : judge(await race(targets));
    await countAll(bench.server.url, targets, verdict);
    return conclude(verdict, report);
  } finally {
    await world.end();
  }
};

await runBench("app", work, countingSettings);

/** Signs users in everywhere, and warms up what will be measured. */
async function prepareAll({ apps, control }: World): Promise<Map<Case, Target[]>> {
  const subs = await registerUsers(control, "bench", users);
  const cookies = new Map<AppName, string[]>();
  for (const app of apps) cookies.set(app.name, await cookiesOf(app, subs));
  // Nobody signs in there. Requests of one size are sent all the same.
  cookies.set("bare", cookies.get("daemun") ?? cookies.get("thin") ?? []);
  const targets = new Map<Case, Target[]>();
  for (const which of cases.filter(({ id }) => !only || only.includes(id))) {
    const found: Target[] = [];
    for (const app of apps) {
      const target = await prepare(which, app, cookies.get(app.name) ?? []);
      if (target) found.push(target);
    }
    targets.set(which, found);
  }
  return targets;
}

/** Measures all in turn, and answers with the medians by the cases' ids. */
async function race(targets: Map<Case, Target[]>): Promise<Map<string, Costs>> {
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
  console.log(`\nMedians of ${rounds} rounds: processor milliseconds a request (least to most), requests a second`);
  const medians = new Map<string, Costs>();
  for (const [{ id, label }, list] of targets) {
    console.log(`${id}: ${label}`);
    const inCase: Costs = {};
    for (const target of list) {
      const all = costs.get(target) ?? [];
      const spent = all.map(({ processorMs }) => processorMs);
      const cost = {
        processorMs: median(spent),
        requestsPerSecond: median(all.map(({ requestsPerSecond }) => requestsPerSecond)),
      };
      inCase[target.app.name] = cost;
      const spread = `(${Math.min(...spent).toFixed(2)} to ${Math.max(...spent).toFixed(2)})`;
      console.log(
        `  ${target.app.name.padEnd(10)}${cost.processorMs.toFixed(2).padStart(7)} ${spread.padEnd(18)}${cost.requestsPerSecond.toFixed(0).padStart(6)}`,
      );
    }
    medians.set(id, inCase);
  }
  return medians;
}

/** What each case asks of the database. */
async function countAll(serverUrl: string, targets: Map<Case, Target[]>, verdict: Verdict): Promise<void> {
  const counter = await openStatementCounter(serverUrl);
  console.log("\nStatements a request, with the time that one takes within PostgreSQL:");
  try {
    for (const [{ id }, list] of targets) {
      for (const target of list) {
        const { name } = target.app;
        const statements = await counter.during(target.app.databaseUrl, () =>
          measureCost({ ...target, amount: countedRequests }),
        );
        const each = statementsEach(statements, countedRequests);
        if (name === "daemun") judgeStatements(verdict, id, each);
        if (name === "bare") continue;
        console.log(`  ${id}, ${name}: ${each.toFixed(2)}`);
        printStatements(statements, countedRequests);
      }
    }
  } finally {
    await counter.end();
  }
}
