import { HttpBrowser } from "@/e2e/support/http-browser";
import { type BatchCost, measureBatch } from "./app/batch";
import { readOptions } from "./app/options";
import { profileAround, profilerEnvironment } from "./app/profile";
import { atMostRatio, type Verdict } from "./app/promises";
import { registerUsers, signInAt } from "./app/sign-in";
import { countingSettings, openStatementCounter, printStatements, statementsEach } from "./app/statements";
import { conclude } from "./app/verdict";
import { type BenchApp, openWorld } from "./app/world";
import { median } from "./load";
import { runBench } from "./registry/run";

/**
 * What a whole sign-in costs the app as it ships, beside a thin hand-rolled one and NextAuth: its two pages and all that lies
 * between, by a browser without a window, 8 at a time.
 */
const { rounds, only, names, keep, report, profile } = readOptions();
const inFlight = 8;
const perRound = 80;
const warmUps = 320;
/** How many times the processor time that a sign-in of each other app takes. */
const limits = { thin: 2.5, "next-auth": 1.1 } as const;

const kinds = [
  { id: "first", label: "of somebody who was never there", remember: false, isNew: true },
  { id: "returning", label: "of somebody who is known", remember: false, isNew: false },
  {
    id: "remembered",
    label: 'the same with "Keep me signed in"; the others have no such thing',
    remember: true,
    isNew: false,
  },
];
type Kind = (typeof kinds)[number];
const wanted = kinds.filter(({ id }) => !only || only.includes(id));

const work: Parameters<typeof runBench>[1] = async (bench) => {
  const withSignIn = names.filter((name) => name !== "bare");
  const env = (name: BenchApp["name"]) => (profile ? profilerEnvironment(name) : {});
  const world = await openWorld(bench, { names: withSignIn, keep, env });
  const known = await registerUsers(world.control, "known", perRound);
  let batches = 0;
  const subsFor = async ({ isNew }: Kind) => {
    batches += 1;
    return isNew ? registerUsers(world.control, `new-${batches}`, perRound) : known;
  };
  const signInAll = (app: BenchApp, subs: readonly string[], { remember }: Kind) =>
    measureBatch(app, subs, inFlight, (sub) => signInAt(app, sub, new HttpBrowser(), { remember }));
  try {
    for (const app of world.apps) {
      for (let done = 0; done < warmUps; done += perRound) {
        await measureBatch(app, known, inFlight, (sub) => signInAt(app, sub, new HttpBrowser()));
      }
    }
    const costs = new Map<string, BatchCost[]>();
    for (let round = 1; round <= (profile ? 0 : rounds); round += 1) {
      for (const kind of wanted) {
        const line: string[] = [];
        for (const app of round % 2 === 1 ? world.apps : [...world.apps].reverse()) {
          const cost = await signInAll(app, await subsFor(kind), kind);
          const key = `${kind.id} ${app.name}`;
          costs.set(key, [...(costs.get(key) ?? []), cost]);
          line.push(`${app.name} ${cost.processorMs.toFixed(1)}`);
        }
        console.log(`Round ${round}, ${kind.id}: ${line.join(", ")}`);
      }
    }
    const verdict = profile ? { lines: [], missed: [] } : judged(costs, world.apps);
    const counter = await openStatementCounter(bench.server.url);
    try {
      for (const kind of wanted) {
        for (const app of world.apps) {
          const act = async () => signInAll(app, await subsFor(kind), kind);
          if (profile) await profileAround(`A sign-in ${kind.label}`, app, act);
          const statements = await counter.during(app.databaseUrl, act);
          console.log(
            `\nStatements of a sign-in, ${kind.id}, ${app.name}: ${statementsEach(statements, perRound).toFixed(1)}`,
          );
          if (profile) printStatements(statements, perRound);
        }
      }
    } finally {
      await counter.end();
    }
    return conclude(verdict, report);
  } finally {
    await world.end();
  }
};

await runBench("sign-in", work, countingSettings);

function judged(costs: ReadonlyMap<string, BatchCost[]>, apps: readonly BenchApp[]): Verdict {
  const verdict: Verdict = { lines: [], missed: [] };
  console.log(
    `\nMedians of ${rounds} rounds of ${perRound}, ${inFlight} at a time: processor milliseconds, sign-ins a second`,
  );
  for (const { id, label } of wanted) {
    console.log(`${id}: ${label}`);
    const spentBy = new Map<BenchApp["name"], number>();
    for (const { name } of apps) {
      const all = costs.get(`${id} ${name}`) ?? [];
      const spent = all.map(({ processorMs }) => processorMs);
      spentBy.set(name, median(spent));
      const spread = `(${Math.min(...spent).toFixed(1)} to ${Math.max(...spent).toFixed(1)})`;
      const rate = median(all.map(({ perSecond }) => perSecond)).toFixed(1);
      console.log(
        `  ${name.padEnd(10)}${median(spent).toFixed(1).padStart(7)} ${spread.padEnd(18)}${rate.padStart(6)}`,
      );
    }
    for (const [against, atMost] of Object.entries(limits)) {
      const [ours, theirs] = [spentBy.get("daemun"), spentBy.get(against as keyof typeof limits)];
      if (ours && theirs) atMostRatio(verdict, `${id}: processor time of ${against}'s`, ours / theirs, atMost);
    }
  }
  return verdict;
}
