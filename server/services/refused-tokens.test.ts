import { expect, it } from "vitest";
import { isReplacement, noteReplacement, noteTaken } from "./refused-tokens";

it("FF-04: a token that replaced a refused one is not replaced, until some service has taken it", () => {
  noteReplacement("second");
  expect([isReplacement("first"), isReplacement("second")]).toEqual([false, true]);
  noteTaken("first");
  expect(isReplacement("second")).toBe(true);
  noteTaken("second");
  expect(isReplacement("second")).toBe(false);
});
