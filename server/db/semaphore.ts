import "server-only";

/** Thrown to who would have to wait behind too many, or behind work that gets nowhere. Nothing was begun: try later. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
  constructor() {
    super("Too many are waiting for the database.");
  }
}

/** Gives a permit back. A second time does nothing. */
export type Release = () => void;

/**
 * Permits for so many at a time; others wait in the order of arrival.
 *
 * @param maxWaiting how many may wait; one more gets none at once
 */
export function createSemaphore({ atOnce, maxWaiting }: { atOnce: number; maxWaiting: number }) {
  const waiting = new Set<(release: Release | null) => void>();
  let running = 0;

  function permit(): Release {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const [next] = waiting;
      if (next) next(permit());
      else running -= 1;
    };
  }

  /** Null where none was free within `waitMs`, `signal` was aborted, or those who wait were dismissed. */
  function acquire(waitMs?: number, signal?: AbortSignal): Promise<Release | null> {
    if (signal?.aborted) return Promise.resolve(null);
    if (running < atOnce) {
      running += 1;
      return Promise.resolve(permit());
    }
    if (waiting.size >= maxWaiting) return Promise.resolve(null);
    return new Promise((resolve) => {
      const settle = (release: Release | null) => {
        waiting.delete(settle);
        clearTimeout(timer);
        signal?.removeEventListener("abort", giveUp);
        resolve(release);
      };
      const giveUp = () => settle(null);
      const timer = waitMs === undefined ? undefined : setTimeout(giveUp, waitMs);
      signal?.addEventListener("abort", giveUp);
      waiting.add(settle);
    });
  }

  /** Those who wait get none. */
  function dismiss(): void {
    for (const settle of [...waiting]) settle(null);
  }

  return { acquire, dismiss, running: () => running, waiting: () => waiting.size };
}

export type Semaphore = ReturnType<typeof createSemaphore>;

export interface QueueLimits {
  /** How many run at the same time. */
  atOnce: number;
  /** How many may wait; one more is refused at once. */
  maxWaiting: number;
  /** Milliseconds without any success after which those who wait are refused. While work gets done, nobody is. */
  stalledMs: number;
  /** Whether a failure would be everybody's: then those who wait are told the same. */
  isCommon(error: unknown): boolean;
}

/**
 * Lets work through a few at a time, in the order of arrival, so that a crowd waits for each other instead of for the
 * database: a connection that nobody gives back in time looks like a database that is away.
 *
 * How long one waits is no reason to be refused: on a busy machine everything takes long. That nothing succeeds is one.
 */
export function createQueue({ atOnce, maxWaiting, stalledMs, isCommon }: QueueLimits) {
  const semaphore = createSemaphore({ atOnce, maxWaiting });
  let progressedAt = 0;
  let lastFailure: unknown = null;
  let isWatched = false;

  /** @throws OverloadedError, or what stops all others, where the turn does not come */
  async function acquire(): Promise<Release> {
    if (semaphore.waiting() === 0) progressedAt = performance.now();
    const turn = semaphore.acquire();
    if (semaphore.waiting() > 0 && !isWatched) watch(stalledMs);
    const release = await turn;
    if (release) return release;
    throw lastFailure ?? new OverloadedError();
  }

  function watch(ms: number): void {
    isWatched = true;
    setTimeout(refuseStalled, ms);
  }

  /** On a starved machine this timer may run before answers are read that have long arrived: those come first. */
  function refuseStalled(): void {
    setImmediate(() => {
      isWatched = false;
      if (semaphore.waiting() === 0) return;
      const leftMs = progressedAt + stalledMs - performance.now();
      if (leftMs > 0) watch(leftMs);
      else semaphore.dismiss();
    });
  }

  /** Runs `work` of who has a turn, and notes whether it gets anywhere. */
  async function note<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      progressedAt = performance.now();
      lastFailure = null;
      return result;
    } catch (error) {
      if (isCommon(error)) lastFailure = error;
      throw error;
    }
  }

  /** Runs `work` when its turn comes. @throws as `acquire` does */
  async function run<T>(work: () => Promise<T>): Promise<T> {
    const release = await acquire();
    try {
      return await note(work);
    } finally {
      release();
    }
  }

  return { acquire, note, run };
}
