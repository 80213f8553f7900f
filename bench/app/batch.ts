import { setTimeout as sleep } from "node:timers/promises";
import { processorTimeOf } from "./processor-time";
import type { BenchApp } from "./world";

/** What one of many took. */
export interface BatchCost {
  processorMs: number;
  perSecond: number;
}

/** What an app does after it has answered counts as well: so long it is left alone. */
const settleMs = 300;

/**
 * Does something for each of the items, so many at once.
 *
 * @returns what one cost the app: processor time, and how many were done in a second
 */
export async function measureBatch<T>(
  app: BenchApp,
  items: readonly T[],
  inFlight: number,
  act: (item: T) => Promise<unknown>,
): Promise<BatchCost> {
  const waiting = [...items];
  const before = processorTimeOf(app.running.pid);
  const begun = performance.now();
  const one = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  const seconds = (performance.now() - begun) / 1000;
  await sleep(settleMs);
  return {
    processorMs: (processorTimeOf(app.running.pid) - before) / items.length,
    perSecond: items.length / seconds,
  };
}
