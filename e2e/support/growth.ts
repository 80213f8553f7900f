/** Below it, what is measured is linear. */
export const mostGrowth = 2.5;

const runs = 9;
const leastMs = 5;

/**
 * By which factor the processor time of `work` grows each time that its input doubles, three times from `length` on. Of
 * nine runs of 5 ms or more the least counts, so that a busy machine does not.
 *
 * @param work prepares for an input of that length, and answers what is measured
 */
export function growthOf(length: number, work: (length: number) => () => void): number[] {
  let growth: number[] = [];
  // The engine itself compiles and collects in between: what grows does so each time.
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const costs = [1, 2, 4, 8].map((factor) => leastCost(work(length * factor)));
    growth = costs.slice(1).map((cost, at) => cost / (costs[at] ?? cost));
    if (growth.every((factor) => factor < mostGrowth)) break;
  }
  return growth;
}

/** Milliseconds of processor time for one call. */
function leastCost(once: () => void): number {
  for (let warm = 0; warm < 20; warm += 1) once();
  let least = Number.POSITIVE_INFINITY;
  let calls = 1;
  for (let run = 0; run < runs; ) {
    const before = process.cpuUsage();
    for (let call = 0; call < calls; call += 1) once();
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms < leastMs) {
      // Not long enough to be measured: more calls from now on.
      calls = Math.ceil(calls * Math.min(100, (1.5 * leastMs) / Math.max(ms, 0.05)));
      continue;
    }
    least = Math.min(least, ms / calls);
    run += 1;
  }
  return least;
}
