import "server-only";
import { onDeadline } from "../http/deadline";
import { createQueue, type QueueLimits } from "./semaphore";

// Whoever has waited for longer is not asked to wait for a second attempt.
const retryWithinMs = 4_500;

export interface ReadLimits extends QueueLimits {
  /**
   * Milliseconds after which a read of a dead database is given up, wherever it stands: in the queue, connecting, or at a
   * statement. They count from when it was asked for, or from the last answer that anybody was given since.
   */
  answerWithinMs: number;
}

/**
 * A queue for reads, of which several may be one: who reads what another waits to read shares that answer. What is being
 * read already is not shared: its answer may be older than what the one who comes now has seen done.
 *
 * A failure that would be everybody's, while others are answered, was a timeout on a busy machine: such a read is tried
 * once more, unless whoever waits has waited for long already. The second attempt has what is left of `answerWithinMs`,
 * whoever else is answered.
 */
export function createSharedReads(limits: ReadLimits) {
  const { run } = createQueue(limits);
  const waiting = new Map<string, Promise<unknown>>();
  let answered = 0;
  let answeredAt = 0;

  async function attempt<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = answered;
    const askedAt = performance.now();
    let isBegun = false;
    const first = run(() => {
      isBegun = true;
      waiting.delete(name);
      return work();
    });
    try {
      const endsAt = () => Math.max(askedAt, answeredAt) + limits.answerWithinMs;
      const result = await until(endsAt, first, new Error("Query read timeout"));
      answered += 1;
      answeredAt = performance.now();
      return result;
    } catch (error) {
      // What was dismissed with the failure of others was not tried, and would wait behind the same once more.
      const isWorthwhile = isBegun && answered > before && performance.now() - askedAt < retryWithinMs;
      if (!isWorthwhile || !limits.isCommon(error)) throw error;
      return until(() => askedAt + limits.answerWithinMs, run(work), error);
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

/**
 * What `answer` gives, or `error` once `performance.now()` has passed what `endsAt` says. What was asked for goes on, and ends
 * by its own limits.
 */
function until<T>(endsAt: () => number, answer: Promise<T>, error: unknown): Promise<T> {
  let callOff = () => {};
  const late = new Promise<never>((_, reject) => {
    callOff = onDeadline({ leftMs: () => Math.max(0, endsAt() - performance.now()) }, () => reject(error));
  });
  return Promise.race([answer, late]).finally(callOff);
}
