import { expect, it } from "vitest";
import { initialsOf } from "./initials";

it.each([
  ["김하늘", "하늘"],
  ["김 하늘", "하늘"],
  ["하늘 김", "하늘"],
  ["남궁 민수", "민수"],
  ["민수 남궁", "민수"],
  ["김 훈", "김훈"],
  ["Ada Lovelace", "AL"],
  ["Ada King of Lovelace", "AL"],
  ["ada@example.com", "A"],
  ["𝒜da", "𝒜"],
  ["   ", ""],
  [null, ""],
])("the initials of %j are %s", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
