import "server-only";

/** Gives a permit back. A second time does nothing. */
export type Release = () => void;

/**
 * Permits for so many at a time; others wait in the order of arrival, each no longer than it says.
 *
 * @param maxWaiting how many may wait; one more gets none at once
 */
export function createSemaphore({ atOnce, maxWaiting }: { atOnce: number; maxWaiting: number }) {
  const waiting = new Set<(release: Release) => void>();
  let running = 0;

  function permit(): Release {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const [next] = waiting;
      if (!next) running -= 1;
      else {
        waiting.delete(next);
        next(permit());
      }
    };
  }

  /** Null where none was free in time, or `signal` was aborted. */
  function acquire(waitMs: number, signal: AbortSignal): Promise<Release | null> {
    if (signal.aborted) return Promise.resolve(null);
    if (running < atOnce) {
      running += 1;
      return Promise.resolve(permit());
    }
    if (waiting.size >= maxWaiting) return Promise.resolve(null);
    return new Promise((resolve) => {
      const settle = (release: Release | null) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        resolve(release);
      };
      const giveUp = () => {
        waiting.delete(settle);
        settle(null);
      };
      const timer = setTimeout(giveUp, waitMs);
      signal.addEventListener("abort", giveUp);
      waiting.add(settle);
    });
  }

  return { acquire, running: () => running, waiting: () => waiting.size };
}

export type Semaphore = ReturnType<typeof createSemaphore>;
