import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createQuestions, createTurns } from "./turns";
import { isDatabaseUnavailable } from "./unavailable";

describe("turns", () => {
  it("let a few through at a time, in order, and lose nobody", async () => {
    const inTurn = createTurns(2, 5000);
    let running = 0;
    let most = 0;
    const started: number[] = [];
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        inTurn(async () => {
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

  it("pass on when work fails, and tell whoever waited too long that the database is unavailable", async () => {
    const inTurn = createTurns(1, 20);
    await expect(inTurn(() => Promise.reject(new Error("a fault")))).rejects.toThrow("a fault");
    let finish = () => {};
    const first = inTurn(() => new Promise<void>((resolve) => (finish = resolve)));
    const fault = await inTurn(async () => "never").catch((error: unknown) => error);
    expect(isDatabaseUnavailable(fault)).toBe(true);
    finish();
    await first;
    expect(await inTurn(async () => "at last")).toBe("at last");
  });
});

describe("questions", () => {
  it("are asked once for all who wait to ask the same, and anew for who comes after it was asked", async () => {
    const ask = createQuestions(1, 5000);
    const asked: string[] = [];
    const question = (name: string) =>
      ask(name, async () => {
        asked.push(name);
        await sleep(5);
        return asked.length;
      });
    const first = question("a");
    await sleep(1);
    // The first is out; these three wait, and one of them for another thing.
    expect(await Promise.all([question("a"), question("b"), question("a")])).toEqual([2, 3, 2]);
    expect([await first, asked]).toEqual([1, ["a", "a", "b"]]);
    expect(await question("a")).toBe(4);
  });

  it("that failed, or whose turn did not come, are asked again", async () => {
    const ask = createQuestions(1, 20);
    await expect(ask("a", () => Promise.reject(new Error("a fault")))).rejects.toThrow("a fault");
    let finish = () => {};
    const first = ask("a", () => new Promise<void>((resolve) => (finish = resolve)));
    await sleep(1);
    expect(isDatabaseUnavailable(await ask("b", async () => "never").catch((error: unknown) => error))).toBe(true);
    finish();
    await first;
    expect(await ask("b", async () => "at last")).toBe("at last");
  });
});
