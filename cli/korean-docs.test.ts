import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

// Pages of docs/ whose Korean one is still to be written, or to be brought level with the English one.
const awaited: readonly string[] = [];

// Records of one day, and providers, whose pages are compared with their presets.
const isApart = (path: string) => /^(?:decisions|providers)\//.test(path);

const english = [
  "README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !path.endsWith(".ko.md") && !isApart(path))
    .map((path) => `docs/${path}`),
].sort();

const koreanOf = (path: string) => path.replace(/\.md$/, ".ko.md");
const fences = /^ *```[\s\S]*?^ *```$/gm;
const code = /`[^`]+`/g;

const setOf = (found: Iterable<string>) => [...new Set(found)].sort();

const targetsOf = (prose: string) =>
  [...prose.replace(code, "`").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);

/** The file of the repository that a link of `path` leads to, or the address of another site. */
function fileOf(path: string, target: string): string {
  if (/^[a-z]+:/.test(target)) return target;
  const [file = ""] = target.split("#");
  return file === "" ? path : relative(root, join(root, dirname(path), decodeURIComponent(file)));
}

/** What two pages of one content have in common, whatever their language. */
function contentOf(path: string) {
  const text = read(path);
  const prose = text.replace(fences, "");
  const codeIn = (part: string) => setOf((part.match(code) ?? []).map((span) => span.replace(/\s+/g, " ")));
  return {
    codeBlocks: text.match(fences) ?? [],
    headings: (prose.match(/^#+(?= )/gm) ?? []).map((marks) => marks.length),
    steps: (prose.match(/^ *\d+\. /gm) ?? []).length,
    points: (prose.match(/^ *- /gm) ?? []).length,
    tables: (prose.match(/(?:^ *\|.*\n)+/gm) ?? []).map((table) => table.split("\n").length - 1),
    codeOfRows: (prose.match(/^ *\|.*$/gm) ?? []).map(codeIn),
    code: codeIn(prose),
    targets: setOf(targetsOf(prose).map((target) => fileOf(path, target).replace(/\.ko\.md$/, ".md"))),
  };
}

describe("the documents in Korean", () => {
  it("are there for every page of docs/ that is not awaited", () => {
    expect(english.length).toBeGreaterThan(10);
    const without = english.filter((path) => !existsSync(join(root, koreanOf(path))));
    expect(without.filter((path) => !awaited.includes(path))).toEqual([]);
    expect(awaited.filter((path) => !english.includes(path))).toEqual([]);
  });

  const pairs = english.filter((path) => !awaited.includes(path) && existsSync(join(root, koreanOf(path))));

  it.each(pairs)("%s and its Korean page say the same: headings, tables, code, links", (path) => {
    expect(contentOf(koreanOf(path))).toEqual(contentOf(path));
  });

  it.each(pairs)("%s and its Korean page lead to each other", (path) => {
    const name = path.split("/").at(-1) ?? "";
    expect(read(path).split("\n")[2]).toBe(`[한국어](${koreanOf(name)})`);
    expect(read(koreanOf(path)).split("\n")[2]).toBe(`[English](${name})`);
  });

  it.each(pairs)("the Korean page of %s leads to Korean pages where there are some", (path) => {
    const page = koreanOf(path);
    const linked = targetsOf(read(page).replace(fences, "")).map((target) => fileOf(page, target));
    const others = linked.filter((file) => file !== path && file.endsWith(".md") && !file.endsWith(".ko.md"));
    expect(others.filter((file) => existsSync(join(root, koreanOf(file))))).toEqual([]);
  });
});
