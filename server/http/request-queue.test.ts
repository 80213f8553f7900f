import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { queueRequest } from "./request-queue";

it("FF-74: of a crowd of requests a few begin in each turn of the event loop, in order, each in its own context", async () => {
  const context = new AsyncLocalStorage<number>();
  const begun: [number, number | undefined][] = [];
  for (let at = 0; at < 10; at += 1)
    context.run(at, () => queueRequest(() => begun.push([at, context.getStore()]) > 0));
  const counts = [begun.length];
  for (let turns = 0; turns < 4; turns += 1) {
    await turn();
    counts.push(begun.length);
  }
  expect(counts).toEqual([4, 8, 10, 10, 10]);
  expect(begun).toEqual(Array.from({ length: 10 }, (_, at) => [at, at]));
  // A single one does not wait.
  queueRequest(() => begun.push([10, undefined]) > 0);
  expect(begun).toHaveLength(11);
});

it("a request whose client has gone while it waited is not begun, and takes nobody's place in the turn", async () => {
  await turn();
  const begun: number[] = [];
  const goneFrom4To9 = (at: number) => (at < 4 || at > 9 ? begun.push(at) > 0 : false);
  for (let at = 0; at < 14; at += 1) queueRequest(() => goneFrom4To9(at));
  expect(begun).toEqual([0, 1, 2, 3]);
  await turn();
  expect(begun).toEqual([0, 1, 2, 3, 10, 11, 12, 13]);
});
