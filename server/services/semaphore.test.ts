import { describe, expect, it } from "vitest";
import { createSemaphore } from "./semaphore";

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
