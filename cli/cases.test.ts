import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = join(fileURLToPath(import.meta.url), "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const code = /\b(?:[A-Z]{2}-\d{2}|[A-Z]\d{1,2})\b/g;

const testFiles = ["app", "cli", "dev", "e2e", "edge", "messages", "prisma", "server", "ui"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(?:test|spec)\.tsx?$/.test(path))
    .map((path) => `${folder}/${path}`),
);

/** Codes at the beginning of a text in a test file, where a name has them: "CB-01: …", "S4, L1: …". */
function codesIn(text: string): string[] {
  const names = text.matchAll(/["'`]((?:(?:[A-Z]{2}-\d{2}|[A-Z]\d{1,2})\b,? ?)+)(?=[:("'`])/g);
  return [...names].flatMap(([, codes = ""]) => codes.match(code) ?? []);
}

it("every code in a test's name is explained in e2e/cases.md, once, and no other", () => {
  const used = new Set(testFiles.flatMap((path) => codesIn(read(path))));
  const explained = [...read("e2e/cases.md").matchAll(/^\| ([A-Z]{2}-\d{2}|[A-Z]\d{1,2}) \| \S/gm)].map(([, id]) => id);
  expect(used.size).toBeGreaterThan(50);
  expect(explained.toSorted()).toEqual([...used].toSorted());
});
