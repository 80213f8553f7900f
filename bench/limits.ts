import type { LimitRequests, RaceTimes } from "./limits/app";
import { median } from "./load";
import { runBench } from "./registry/run";

/**
 * What a check of a limit costs, by the server's own modules: against `SELECT 1` by the same client, in turn in one process,
 * and with 1,000,000 rows against 1,000.
 */
const sizes = { small: 1_000, large: 1_000_000 };
const calls = 100;
const ceilings = { bare: 2, size: 1.5 };

await runBench("limits", async ({ fill, start }) => {
  const script = new URL("limits/app.ts", import.meta.url);
  const missed: string[] = [];
  const run = async (rows: number, users: number) => {
    const instance = start<LimitRequests>({ script, databaseUrl: await fill(users) });
    await instance.ask("fill", { rows });
    return { rows, ask: () => instance.ask("race", { rows, warmUps: 10, rounds: 40, calls }), end: instance.end };
  };
  const [small, large] = [await run(sizes.small, 100), await run(sizes.large, 200)];
  console.log(`\n${"Milliseconds a call, medians of 40 rounds".padEnd(44)}SELECT 1     check   ratio`);
  const tell = (rows: number, times: RaceTimes) => {
    for (const [kind, label] of [
      ["known", "counted on"],
      ["fresh", "begun"],
    ] as const) {
      const [bare, check] = [median(times.bare) / calls, median(times[kind]) / calls];
      const figures = [
        bare.toFixed(3).padStart(8),
        check.toFixed(3).padStart(10),
        (check / bare).toFixed(2).padStart(8),
      ];
      console.log(`  ${`${label}, ${rows.toLocaleString("en")} rows`.padEnd(42)}${figures.join("")}`);
      if (!(check / bare <= ceilings.bare))
        missed.push(`a check, ${label}, costs more than ${ceilings.bare} times SELECT 1.`);
    }
  };
  // One after the other would favour one of them on a machine that slows down: the small one runs before and after.
  const [before, among, after] = [await small.ask(), await large.ask(), await small.ask()];
  const few = {
    known: [...before.known, ...after.known],
    fresh: [...before.fresh, ...after.fresh],
    bare: [...before.bare, ...after.bare],
  };
  tell(small.rows, few);
  tell(large.rows, among);
  for (const kind of ["known", "fresh"] as const) {
    // Each against its own SELECT 1: what the machine does meanwhile is in both.
    const share = (times: RaceTimes) => median(times[kind]) / median(times.bare);
    const ratio = share(among) / share(few);
    console.log(`  ${`${kind}: 1,000,000 rows against 1,000`.padEnd(60)}${ratio.toFixed(2).padStart(10)}`);
    if (!(ratio <= ceilings.size))
      missed.push(`a check costs more than ${ceilings.size} times as much with 1,000,000 rows.`);
  }
  return missed;
});
