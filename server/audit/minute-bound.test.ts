import { expect, it } from "vitest";
import { createMinuteBound } from "./minute-bound";

it("what one key does over and over passes so many times a minute, and what others do beside it", () => {
  let now = 0;
  const passes = createMinuteBound(20, () => now);
  const passed = (key: string) => Array.from({ length: 100 }, () => passes(key)).filter(Boolean).length;
  expect([passed("stolen"), passed("another")]).toEqual([20, 20]);
  now = 59_999;
  expect(passed("stolen")).toBe(0);
  now = 60_000;
  expect(passed("stolen")).toBe(20);
});
