import "server-only";

/** Thrown to who would have to wait behind too many, or behind work that gets nowhere. Nothing was begun: try later. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
  constructor() {
    super("Too many are waiting for the database.");
  }
}

export interface SemaphoreLimits {
  /** How many run at the same time. */
  atOnce: number;
  /** How many may wait; one more is refused at once. */
  maxWaiting: number;
  /** Milliseconds without any success after which those who wait are refused. While work gets done, nobody is. */
  stalledMs: number;
  /** Whether a failure would be everybody's: then those who wait are told the same. */
  isCommon(error: unknown): boolean;
}

interface Waiter {
  start(): void;
  refuse(error: unknown): void;
}

/**
 * Lets work through a few at a time, in the order of arrival, so that a crowd waits for each other instead of for the
 * database: a connection that nobody gives back in time looks like a database that is away.
 *
 * How long one waits is no reason to be refused: on a busy machine everything takes long. That nothing succeeds is one.
 */
export function createSemaphore({ atOnce, maxWaiting, stalledMs, isCommon }: SemaphoreLimits) {
  const waiting: Waiter[] = [];
  let running = 0;
  let progressedAt = 0;
  let lastFailure: unknown = null;
  let isWatched = false;

  function acquire(): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return Promise.resolve();
    }
    if (waiting.length >= maxWaiting) return Promise.reject(new OverloadedError());
    if (waiting.length === 0) {
      progressedAt = performance.now();
      if (!isWatched) watch(stalledMs);
    }
    return new Promise((start, refuse) => waiting.push({ start, refuse }));
  }

  function watch(ms: number): void {
    isWatched = true;
    setTimeout(refuseStalled, ms);
  }

  /** On a starved machine this timer may run before answers are read that have long arrived: those come first. */
  function refuseStalled(): void {
    setImmediate(() => {
      isWatched = false;
      if (waiting.length === 0) return;
      const leftMs = progressedAt + stalledMs - performance.now();
      if (leftMs > 0) watch(leftMs);
      else for (const { refuse } of waiting.splice(0)) refuse(lastFailure ?? new OverloadedError());
    });
  }

  /** Runs `work` when its turn comes. @throws OverloadedError, or what stops all others, when it does not come */
  return async function withPermit<T>(work: () => Promise<T>): Promise<T> {
    await acquire();
    try {
      const result = await work();
      progressedAt = performance.now();
      lastFailure = null;
      return result;
    } catch (error) {
      if (isCommon(error)) lastFailure = error;
      throw error;
    } finally {
      // The permit passes on to whoever waited longest.
      const next = waiting.shift();
      if (next) next.start();
      else running -= 1;
    }
  };
}

/**
 * The same for reads, of which several may be one: who reads what another waits to read shares that answer. What is being
 * read already is not shared: its answer may be older than what the one who comes now has seen done.
 *
 * A failure that would be everybody's, while others are answered, was a timeout on a busy machine: such a read is tried
 * once more.
 */
export function createSharedReads(limits: SemaphoreLimits) {
  const withPermit = createSemaphore(limits);
  const waiting = new Map<string, Promise<unknown>>();
  let answered = 0;

  async function attempt<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = answered;
    try {
      const result = await withPermit(() => {
        waiting.delete(name);
        return work();
      });
      answered += 1;
      return result;
    } catch (error) {
      if (answered === before || !limits.isCommon(error)) throw error;
      return withPermit(work);
    }
  }

  /** Reads when its turn comes. @param name what is read, to the letter */
  return function read<T>(name: string, work: () => Promise<T>): Promise<T> {
    const same = waiting.get(name) as Promise<T> | undefined;
    if (same) return same;
    const mine = attempt(name, work);
    waiting.set(name, mine);
    // One that is refused its turn is not waited for any longer.
    mine.catch(() => waiting.get(name) === mine && waiting.delete(name));
    return mine;
  };
}
