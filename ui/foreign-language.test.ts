import { expect, it } from "vitest";
import { foreignLanguage } from "./foreign-language";

it.each([
  ["이민수", "en", "ko"],
  ["이민수", "fr", "ko"],
  ["이민수", "ko", undefined],
  ["Company", "ko", "en"],
  ["Company", "en", undefined],
  ["Company", "fr", undefined],
  // Read in one go by a Korean voice, which knows Latin letters.
  ["대문 Notes", "ko", undefined],
  ["대문 Notes", "en", "ko"],
  ["2026", "ko", undefined],
  ["", "ko", undefined],
])("%s on a page in %s is read as %s", (text, language, expected) => {
  expect(foreignLanguage(text, language)).toBe(expected);
});
