import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { QueueLimits } from "./semaphore";
import { createSharedReads, type ReadLimits } from "./shared-reads";
import { databaseFailureCode } from "./unavailable";

class Away extends Error {}

function limits(given: Partial<QueueLimits> = {}): ReadLimits {
  const isCommon = (error: unknown) => error instanceof Away;
  return { atOnce: 1, maxWaiting: 100, stalledMs: 5_000, answerWithinMs: 60_000, isCommon, ...given };
}

/** Work that ends when it is told to. */
function held() {
  let finish = () => {};
  const work = () => new Promise<void>((resolve) => (finish = resolve));
  return { work, finish: () => finish() };
}

const refusal = (promise: Promise<unknown>) => promise.then(String, (error: unknown) => error);

describe("shared reads", () => {
  it("are made once for all who wait to read the same, and again for who comes after one was begun", async () => {
    const read = createSharedReads(limits());
    const made: string[] = [];
    const readOf = (name: string) =>
      read(name, async () => {
        made.push(name);
        await sleep(5);
        return made.length;
      });
    const first = readOf("a");
    await sleep(1);
    // The first is out; these three wait, and one of them for another thing.
    expect(await Promise.all([readOf("a"), readOf("b"), readOf("a")])).toEqual([2, 3, 2]);
    expect([await first, made]).toEqual([1, ["a", "a", "b"]]);
    expect(await readOf("a")).toBe(4);
  });

  it("that failed are made again for who asks next", async () => {
    const read = createSharedReads(limits());
    await expect(read("a", () => Promise.reject(new Error("a fault")))).rejects.toThrow("a fault");
    expect(await read("a", async () => "at last")).toBe("at last");
  });

  it("FF-74: are tried once more where one came to nothing while others were answered, and not where none was", async () => {
    const read = createSharedReads(limits({ atOnce: 2 }));
    let tries = 0;
    const flaky = async () => {
      tries += 1;
      await sleep(10);
      if (tries === 1) throw new Away();
      return tries;
    };
    const [again] = await Promise.all([read("a", flaky), read("b", async () => "b")]);
    expect(again).toBe(2);
    await expect(read("c", () => Promise.reject(new Away()))).rejects.toBeInstanceOf(Away);
  });

  it("that were dismissed with somebody else's failure are not tried once more, and the next caller reads again", async () => {
    const read = createSharedReads(limits({ stalledMs: 20 }));
    const last = held();
    let made = 0;
    const answered = read("answered", async () => "yes");
    // Tried once more, since another was answered: behind the two that follow.
    const failing = refusal(read("failing", () => Promise.reject(new Away())));
    const stuck = read("stuck", last.work);
    const waiting = refusal(read("waiting", async () => (made += 1)));
    expect(await answered).toBe("yes");
    expect(await failing).toBeInstanceOf(Away);
    last.finish();
    await stuck;
    expect([await waiting, made]).toEqual([expect.any(Away), 0]);
    expect(await read("waiting", async () => "again")).toBe("again");
  });

  it("FF-74: that are tried once more and get no answer come to an end with the first failure, however often others are answered", async () => {
    const read = createSharedReads({ ...limits({ atOnce: 3 }), answerWithinMs: 60 });
    let tries = 0;
    const dead = async () => {
      tries += 1;
      if (tries > 1) return new Promise<never>(() => {});
      await read("answered before", async () => "yes");
      throw new Away();
    };
    let isOver = false;
    const told = refusal(read("dead", dead)).finally(() => (isOver = true));
    const meanwhile = (async () => {
      while (!isOver) await read("others", () => sleep(1, "yes"));
    })();
    expect([await told, tries]).toEqual([expect.any(Away), 2]);
    await meanwhile;
  });

  it("of a database that answers nobody come to an end as those of one that is away", async () => {
    const read = createSharedReads({ ...limits(), answerWithinMs: 30 });
    const refused = await refusal(read("dead", () => new Promise(() => {})));
    expect(databaseFailureCode(refused)).toBe("database_unavailable");
  });

  it("FF-74: are given up by nobody who waits for long while others are answered", async () => {
    const read = createSharedReads({ ...limits(), answerWithinMs: 200 });
    const all = Array.from({ length: 20 }, (_, at) => read(String(at), () => sleep(15, at)));
    expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, (_, at) => at));
  });
});
