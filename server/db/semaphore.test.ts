import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createQueue, createSemaphore, OverloadedError, type QueueLimits } from "./semaphore";
import { databaseFailureCode } from "./unavailable";

class Away extends Error {}

function limits(given: Partial<QueueLimits> = {}): QueueLimits {
  return { atOnce: 1, maxWaiting: 100, stalledMs: 5_000, isCommon: (error) => error instanceof Away, ...given };
}

/** Work that ends when it is told to. */
function held() {
  let finish = () => {};
  const work = () => new Promise<void>((resolve) => (finish = resolve));
  return { work, finish: () => finish() };
}

const refusal = (promise: Promise<unknown>) => promise.then(String, (error: unknown) => error);

describe("a queue", () => {
  it("lets a few through at a time, in order, and loses nobody", async () => {
    const { run: withPermit } = createQueue(limits({ atOnce: 2 }));
    let running = 0;
    let most = 0;
    const started: number[] = [];
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        withPermit(async () => {
          started.push(at);
          running += 1;
          most = Math.max(most, running);
          await sleep(1);
          running -= 1;
          return at;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(started).toEqual([...started].sort((a, b) => a - b));
    expect(results).toEqual([...started]);
  });

  it("FF-74: turns nobody away who waits long while the work of others gets done", async () => {
    const { run: withPermit } = createQueue(limits({ stalledMs: 200 }));
    const all = Array.from({ length: 20 }, (_, at) => withPermit(() => sleep(15, at)));
    expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, (_, at) => at));
  });

  it("FF-74: tells those who wait behind work that gets nowhere that there are too many, and goes on after it", async () => {
    const { run: withPermit } = createQueue(limits({ stalledMs: 20 }));
    const first = held();
    const stuck = withPermit(first.work);
    const refused = await refusal(withPermit(async () => "never"));
    expect([refused, databaseFailureCode(refused)]).toEqual([expect.any(OverloadedError), "overloaded"]);
    first.finish();
    await stuck;
    expect(await withPermit(async () => "at last")).toBe("at last");
  });

  it("tells those who wait what stops all others, once nothing succeeds any more", async () => {
    const { run: withPermit } = createQueue(limits({ stalledMs: 20 }));
    expect(await refusal(withPermit(() => Promise.reject(new Away())))).toBeInstanceOf(Away);
    const first = held();
    const stuck = withPermit(first.work);
    expect(await refusal(withPermit(async () => "never"))).toBeInstanceOf(Away);
    first.finish();
    await stuck;
  });

  it("refuses at once whoever comes when too many wait, and passes on when work fails", async () => {
    const { run: withPermit } = createQueue(limits({ maxWaiting: 1 }));
    const first = held();
    const running = withPermit(first.work);
    const waiting = withPermit(() => Promise.reject(new Error("a fault")));
    expect(await refusal(withPermit(async () => "never"))).toBeInstanceOf(OverloadedError);
    first.finish();
    await running;
    await expect(waiting).rejects.toThrow("a fault");
    expect(await withPermit(async () => "at last")).toBe("at last");
  });
});

const signal = new AbortController().signal;
const hour = 3_600_000;

describe("a semaphore", () => {
  it("lets so many through, and the others in the order of arrival", async () => {
    const semaphore = createSemaphore({ atOnce: 2, maxWaiting: 10 });
    const [one] = await Promise.all([semaphore.acquire(hour, signal), semaphore.acquire(hour, signal)]);
    const passed: number[] = [];
    const later = [3, 4].map(async (name) => {
      const release = await semaphore.acquire(hour, signal);
      passed.push(name);
      return release;
    });
    expect([semaphore.running(), semaphore.waiting()]).toEqual([2, 2]);
    one?.();
    one?.();
    (await later[0])?.();
    (await later[1])?.();
    expect(passed).toEqual([3, 4]);
    expect([semaphore.running(), semaphore.waiting()]).toEqual([1, 0]);
  });

  it("gives none at once past those that may wait, and none to who waits too long or gives up", async () => {
    const semaphore = createSemaphore({ atOnce: 1, maxWaiting: 2 });
    const release = await semaphore.acquire(hour, signal);
    const waiting = new AbortController();
    const [late, gone] = [semaphore.acquire(20, signal), semaphore.acquire(hour, waiting.signal)];
    expect(await semaphore.acquire(hour, signal)).toBeNull();
    waiting.abort();
    expect([await late, await gone, await semaphore.acquire(hour, waiting.signal)]).toEqual([null, null, null]);
    release?.();
    expect([semaphore.running(), semaphore.waiting()]).toEqual([0, 0]);
  });
});
