import "server-only";
import { createMinuteCounts, type MinuteCount } from "../audit/minute-bound";
import { inProcess } from "../http/in-process";
import { describeError, log } from "../http/log";
import { createBatches } from "./batches";
import { countInDatabase, countsInDatabase } from "./postgres-counts";

// How long nothing is asked of the database after it failed, or took too long for anybody to wait for it.
const awayMs = 2_000;
const countTimeoutMs = 4_000;

const state = inProcess("limits.counts", () => ({
  countTogether: createBatches(countInDatabase),
  countInProcess: createMinuteCounts(10_000),
  awayUntil: 0,
}));

/**
 * Counts each of these keys on by one: in the database, for all instances; while that is away in this process, so that
 * nobody is let in for it. Never throws.
 */
export async function countOn(keys: readonly string[]): Promise<MinuteCount[]> {
  if (performance.now() < state.awayUntil) return keys.map(state.countInProcess);
  try {
    return await within(countTimeoutMs, state.countTogether(keys));
  } catch (error) {
    noteAway(error);
    return keys.map(state.countInProcess);
  }
}

/**
 * What each of these keys has come to in its minute, which stays as it is; undefined where nothing was counted, or the database
 * is away: what this process counts then is told by {@link countOn}. Never throws.
 */
export async function countsOf(keys: readonly string[]): Promise<(MinuteCount | undefined)[]> {
  if (performance.now() < state.awayUntil) return [];
  try {
    const counts = await within(countTimeoutMs, countsInDatabase(keys));
    return keys.map((key) => counts.get(key));
  } catch (error) {
    noteAway(error);
    return [];
  }
}

function noteAway(error: unknown): void {
  if (performance.now() >= state.awayUntil) log.warn("limits.in_process", { cause: describeError(error) });
  state.awayUntil = performance.now() + awayMs;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // On a starved machine the answer may have arrived before this runs: it is read first.
    timer = setTimeout(() => setImmediate(() => reject(new Error("The limits were not counted in time."))), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
