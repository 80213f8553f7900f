import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
// Those of the FAPI 2.0 attacker model, and ours.
const numbers = ["1", "1a", "2", "3a", "3b", "5", "7"];
const attackers = [...numbers.map((number) => `A${number}`), "stolen cookie", "hostile service", "hostile tab"];

interface Shown {
  file: string;
  name: string;
}

/** What the last column of the tables says: a file, and the name of a test in it. */
function shownIn(document: string): Shown[] {
  const text = readFileSync(join(root, "docs", document), "utf8");
  const rows = text.split("\n").filter((line) => /^\| (?!---|tries|시도)/.test(line));
  return rows.map((row) => {
    const [, file = "", name = ""] = /\| `([^`]+)`: (.+?) \|$/.exec(row) ?? [];
    if (name === "") throw new Error(`${document}: no test is named by ${row}`);
    return { file, name };
  });
}

/** The names that a test file gives its tests, as they stand there. */
function namesIn(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [
    ...text.matchAll(/(?:\b(?:it|test)(?:\.\w+\([^"]*?\))?\(|^\s*\]\w*(?: as const)?\)\()\s*"((?:[^"\\]|\\.)*)"/gm),
  ].map(([, name = ""]) => name);
}

describe("the attack book", () => {
  const shown = shownIn("security.md");

  it("has every attacker, and says of each what remains open", () => {
    const text = readFileSync(join(root, "docs/security.md"), "utf8");
    const headings = [...text.matchAll(/^## (?:A )?(.+?)(?::.*)?$/gm)].map(([, name]) => name);
    expect(headings).toEqual(attackers);
    expect(text.match(/^\*\*What remains open\.\*\* /gm)).toHaveLength(attackers.length);
  });

  it.each(shown)("names a test that is there: $name", ({ file, name }) => {
    expect(existsSync(join(root, file)), file).toBe(true);
    expect(namesIn(file)).toContain(name);
  });

  it("names the same tests in Korean", () => {
    expect(shownIn("security.ko.md")).toEqual(shown);
  });
});
