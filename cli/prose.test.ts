import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`),
  "e2e/cases.md",
  "bench/README.md",
];

const withoutCode = (text: string) => text.replace(/^\s*```[\s\S]*?^\s*```/gm, "").replace(/`[^`\n]*`/g, "code");
const withoutTargets = (text: string) => text.replace(/\]\([^)\s]+\)/g, "]");
const isTable = (line: string) => line.startsWith("|");
const words = (text: string) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** Paragraphs and list items, as they are read. */
const paragraphsOf = (path: string) =>
  withoutTargets(withoutCode(read(path)))
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)
    .map((text) => text.trim())
    .filter((text) => text !== "" && !isTable(text) && !text.startsWith("#"));

// What a stranger would have to learn: the glossary in CONTRIBUTING.md has the words of the field.
const ours = /\b(?:houses?|doors?|gatekeepers?|rooms?|anew|(?:come|comes|came) in|(?<!under )ways? in|put away)\b/gi;

describe("the documents' words", () => {
  it.each(documents)("%s says it in the words of the field", (path) => {
    expect(withoutCode(read(path)).match(ours) ?? []).toEqual([]);
  });

  it.each(documents.filter((path) => !/^docs\/(?:deploying|extending)|^README/.test(path)))(
    "%s has no line over 140 characters, but in tables",
    (path) => {
      const long = withoutTargets(read(path))
        .split("\n")
        .filter((line) => line.length > 140 && !isTable(line));
      expect(long).toEqual([]);
    },
  );
});

describe("docs/architecture.md", () => {
  const path = "docs/architecture.md";

  it("fits into 150 lines, and says whom it is for and how long it takes", () => {
    expect(read(path).trimEnd().split("\n").length).toBeLessThanOrEqual(150);
    // The first is the link to the page in the other language.
    expect(paragraphsOf(path)[1]).toMatch(/^For .+ minutes/s);
  });

  it("keeps to sentences under 25 words, in paragraphs under 80", () => {
    for (const paragraph of paragraphsOf(path)) {
      expect(words(paragraph), paragraph).toBeLessThan(80);
      for (const sentence of paragraph.split(/[.?!:]\s+/)) expect(words(sentence), sentence).toBeLessThan(25);
    }
  });

  it.each([
    ["From cookie to row", 9],
    ["From code to row", 20],
    ["From grant to service call", 14],
  ])("walks %s through at most %i files, each of them there", (heading, most) => {
    const walk = read(path).split(`### ${heading}\n`)[1]?.split(/^#/m)[0] ?? "";
    const files = [...walk.matchAll(/^\d+\. \[`(.+?)`\]\((\S+)\)/gm)];
    expect(files.length).toBeGreaterThan(3);
    expect(files.length).toBeLessThanOrEqual(most);
    for (const [, named = "", linked = ""] of files) {
      expect(existsSync(join(root, named)), named).toBe(true);
      expect(decodeURIComponent(linked)).toBe(`../${named}`);
    }
  });
});
