import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { growthOf, mostGrowth } from "../../e2e/support/growth";
import { patterns } from "../../e2e/support/patterns";
import { findPatterns } from "./find-patterns";

const root = fileURLToPath(new URL("../..", import.meta.url));
// Eight times as much is what Node takes as the headers of a request.
const length = 2_000;

const common = [
  "a",
  "A",
  "0",
  " ",
  "\t",
  "/",
  ".",
  "-",
  "=",
  ":",
  ",",
  '"',
  "\\",
  '\\"',
  "%41",
  "a:",
  "a.",
  "a/",
  "a ",
  "한",
];
const ends = ["\0", "a", " ", "@", ""];

/** The text of a length that a pattern takes longest for, of many that repeat what it might stumble over. */
function worstText(pattern: RegExp, beginning: string): (length: number) => string {
  const own = [...new Set(pattern.source)];
  const texts = [...common, ...own].flatMap((unit) =>
    ends.map((end) => (size: number) => beginning + unit.repeat(Math.ceil(size / unit.length)) + end),
  );
  const timed = texts.map((text) => ({ text, ms: timeOf(pattern, text(8 * length)) }));
  const [worst] = timed.sort((one, other) => other.ms - one.ms);
  if (!worst) throw new Error("There is always one.");
  return worst.text;
}

function timeOf(pattern: RegExp, text: string): number {
  const startedAt = performance.now();
  searchAll(pattern, text);
  return performance.now() - startedAt;
}

/** Finds every match, and makes nothing of it. */
function searchAll(pattern: RegExp, text: string): void {
  pattern.lastIndex = 0;
  for (let from = 0; pattern.test(text); from = pattern.lastIndex)
    if (pattern.lastIndex === from) pattern.lastIndex += 1;
}

/** Wherever it is used, at each place where it could begin. */
function everywhere({ source, flags }: RegExp): RegExp {
  return new RegExp(source, flags.includes("g") ? flags : `${flags}g`);
}

describe("the regular expressions of what ships", () => {
  it("FF-05: all of them are listed, and nothing else is", () => {
    const found = new Set(findPatterns(root).map(({ text }) => text));
    const listed = patterns.map(([pattern]) => String(pattern));
    expect(listed.filter((text) => !found.has(text))).toEqual([]);
    expect([...found].filter((text) => !listed.includes(text))).toEqual([]);
  });

  it.each(patterns)(
    "FF-05: %s takes twice as long for twice as much, and no longer",
    { timeout: 60_000 },
    (...listed) => {
      const [pattern, beginning] = listed;
      const global = everywhere(pattern);
      const text = worstText(global, beginning);
      const growth = growthOf(length, (size) => {
        const input = text(size);
        return () => void input.replace(global, "");
      });
      expect(growth.filter((factor) => factor >= mostGrowth)).toEqual([]);
    },
  );

  it("FF-05: a pattern that is not linear would be seen", { timeout: 60_000 }, () => {
    const growth = growthOf(length / 8, (size) => {
      const input = `${" ".repeat(size)}x`;
      return () => searchAll(/ +$/g, input);
    });
    expect(Math.max(...growth)).toBeGreaterThan(mostGrowth);
  });
});
