import "server-only";

/**
 * Lets work through a few at a time, in the order of arrival, so that a crowd waits for each other instead of for the
 * database: a connection that nobody gives back in time looks like a database that is away.
 *
 * @param atOnce how many run at the same time
 * @param patienceMs how long one waits for its turn
 */
export function createTurns(atOnce: number, patienceMs: number) {
  let running = 0;
  const waiting: (() => void)[] = [];

  function turn(): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(start), 1);
        // By Prisma's name for it, so that it is told from a fault of ours.
        reject(Object.assign(new Error("No connection was free in the given time."), { code: "P2024" }));
      }, patienceMs);
      waiting.push(start);
    });
  }

  /** Runs `work` when its turn comes. @throws an error that says the database is unavailable, when it does not come */
  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    await turn();
    try {
      return await work();
    } finally {
      // The place passes on to whoever waited longest.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/**
 * The same for questions, of which several may be one: who asks what somebody waits to ask shares that answer. What has
 * been asked already is not shared: its answer may be older than what the one who comes now has seen done.
 */
export function createQuestions(atOnce: number, patienceMs: number) {
  const inTurn = createTurns(atOnce, patienceMs);
  const waiting = new Map<string, Promise<unknown>>();

  /** Asks when its turn comes. @param name what is asked, to the letter */
  return function ask<T>(name: string, work: () => Promise<T>): Promise<T> {
    const same = waiting.get(name) as Promise<T> | undefined;
    if (same) return same;
    const mine = inTurn(() => {
      waiting.delete(name);
      return work();
    });
    waiting.set(name, mine);
    // Nobody's turn may come for ever.
    mine.catch(() => waiting.get(name) === mine && waiting.delete(name));
    return mine;
  };
}
