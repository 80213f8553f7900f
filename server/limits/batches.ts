import "server-only";
import type { MinuteCount } from "../audit/minute-bound";

/** Counts several keys on, each by so many, and answers with what each has come to. */
export type CountAll = (hits: ReadonlyMap<string, number>) => Promise<ReadonlyMap<string, MinuteCount>>;

interface Waiting {
  keys: readonly string[];
  resolve(counts: MinuteCount[]): void;
  reject(error: unknown): void;
}

// Small enough that who is in a batch does not wait for the size of it.
const largestBatch = 500;

/**
 * Has one statement under way at a time: who comes meanwhile goes with the next, together. A flood so takes one connection
 * and not all of them, and each is told a count of its own all the same.
 */
export function createBatches(countAll: CountAll): (keys: readonly string[]) => Promise<MinuteCount[]> {
  const waiting: Waiting[] = [];
  let isCounting = false;

  async function work(): Promise<void> {
    isCounting = true;
    while (waiting.length > 0) await count(waiting.splice(0, largestBatch));
    isCounting = false;
  }

  async function count(batch: readonly Waiting[]): Promise<void> {
    const hits = new Map<string, number>();
    for (const key of batch.flatMap(({ keys }) => keys)) hits.set(key, (hits.get(key) ?? 0) + 1);
    try {
      const counted = await countAll(hits);
      for (const { keys, resolve } of batch) resolve(keys.map((key) => next(key, counted, hits)));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (keys) =>
    new Promise((resolve, reject) => {
      waiting.push({ keys, resolve, reject });
      if (!isCounting) void work();
    });
}

/** Of what a key has come to, the count of the next of those who came together, in the order of arrival. */
function next(key: string, counted: ReadonlyMap<string, MinuteCount>, left: Map<string, number>): MinuteCount {
  const total = counted.get(key);
  const ahead = (left.get(key) ?? 0) - 1;
  if (!total) throw new Error("A key was not counted.");
  left.set(key, ahead);
  return { count: total.count - ahead, leftMs: total.leftMs };
}
