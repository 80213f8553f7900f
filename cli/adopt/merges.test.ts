import { describe, expect, it } from "vitest";
import { mergeManifest, mergeMessages, mergeTsconfig } from "./merge-manifest";
import { mergeSchema } from "./merge-schema";
import { mergeIgnored, mergeLayout, mergeNextConfig, mergeSheet } from "./merge-source";

const ours = {
  dependencies: { next: "16.4.6", jose: "6.2.17" },
  devDependencies: { tailwindcss: "4.3.5" },
  scripts: { start: "node start", urls: "node cli/node-version.cjs && tsx cli/urls.ts" },
};
const nothing = { brought: {}, replace: [] };
const manifestOf = (text: object, options: Parameters<typeof mergeManifest>[2] = nothing) => {
  const merged = mergeManifest(JSON.stringify(text), ours, options);
  return { ...merged, json: JSON.parse(merged.text) };
};

describe("a package.json that Daemun is brought into", () => {
  it("gets the packages that are missing, and keeps the versions that are there", () => {
    const { json, left } = manifestOf({ dependencies: { next: "16.4.3", own: "1.0.0" } });
    expect(json.dependencies).toMatchObject({ jose: "6.2.17", next: "16.4.3", own: "1.0.0" });
    expect(left.filter((line) => line.includes(" next "))).toHaveLength(1);
  });

  it.each([
    ["^4", true],
    ["^4.3.5", true],
    ["^4.4.0", false],
    ["^3", false],
    ["latest", false],
  ])("a range %s takes our version: %s", (range, takes) => {
    const { json, left } = manifestOf({ dependencies: { next: "16.4.6" }, devDependencies: { tailwindcss: range } });
    expect(json.devDependencies.tailwindcss).toBe(range);
    expect(left.some((line) => line.includes("tailwindcss"))).toBe(!takes);
  });

  it("takes our version of a package that was named, or of all", () => {
    for (const replace of ["next", "packages"]) {
      const { json, left } = manifestOf({ dependencies: { next: "15.0.0" } }, { brought: {}, replace: [replace] });
      expect([json.dependencies.next, left]).toEqual(["16.4.6", []]);
    }
  });

  it("is brought up to date where a version that we wrote still stands, and nowhere else", () => {
    const brought = { next: "16.4.0", jose: "6.0.0" };
    const { json } = manifestOf({ dependencies: { next: "16.4.0", jose: "5.9.9" } }, { brought, replace: [] });
    expect(json.dependencies).toMatchObject({ next: "16.4.6", jose: "5.9.9" });
  });

  it("keeps scripts of its own, and is the same after a second run", () => {
    const own = { dependencies: {}, scripts: { start: "node server.js", build: "next build" } };
    const first = manifestOf(own);
    expect(first.json.scripts).toMatchObject({
      start: "node server.js",
      build: "next build",
      urls: "tsx cli/urls.ts",
      prebuild: "tsx prisma/generate.ts",
    });
    expect(mergeManifest(first.text, ours, { brought: first.brought, replace: [] }).text).toBe(first.text);
  });
});

describe("other files that an app has", () => {
  it("tsconfig.json finds @/… below src/ first, and in the app's folder then", () => {
    const text = JSON.stringify({ compilerOptions: { target: "ES2017", strict: true, paths: { "@/*": ["./src/*"] } } });
    const merged = mergeTsconfig(text);
    expect(JSON.parse(merged.text).compilerOptions).toEqual({
      target: "ES2022",
      strict: true,
      paths: { "@/*": ["./src/*", "./*"] },
    });
    expect([mergeTsconfig(merged.text).text, merged.left]).toEqual([merged.text, []]);
  });

  it("a tsconfig.json with comments is left to the developer", () => {
    const text = '{ // ours\n "compilerOptions": {} }';
    expect(mergeTsconfig(text)).toMatchObject({ text, left: [expect.stringContaining("comments")] });
  });

  it("a style sheet imports our theme after Tailwind, once", () => {
    const merged = mergeSheet('@import "tailwindcss";\n\nbody { color: red }\n', "src/app/globals.css");
    expect(merged).toBe('@import "tailwindcss";\n@import "../../ui/theme.css";\n\nbody { color: red }\n');
    expect(mergeSheet(merged, "src/app/globals.css")).toBe(merged);
  });

  it("a layout and .gitignore get their lines once", () => {
    for (const merge of [mergeLayout, mergeIgnored]) {
      const once = merge("/node_modules\n");
      expect(once).not.toBe("/node_modules\n");
      expect(merge(once)).toBe(once);
    }
  });

  it("Next's configuration is wrapped, or left where nobody can know how", () => {
    const wrapped = mergeNextConfig("const config = {};\n\nexport default config;\n", "next.config.ts");
    expect(wrapped).toEqual({
      text: expect.stringContaining("export default withDaemun(config);"),
      left: [],
    });
    expect(mergeNextConfig(wrapped.text, "next.config.ts")).toEqual({ text: wrapped.text, left: [] });
    const odd = "module.exports = {};\n";
    expect(mergeNextConfig(odd, "next.config.js")).toMatchObject({ text: odd, left: [expect.any(String)] });
  });

  it("messages get ours, and keep their own", () => {
    const merged = mergeMessages(
      '{"home":{"title":"Mine"}}',
      '{"home":{"title":"Yours","lead":"x"},"a":"b"}',
      "messages/en.json",
    );
    expect(JSON.parse(merged.text)).toEqual({ home: { title: "Mine", lead: "x" }, a: "b" });
  });
});

describe("a Prisma schema that is there", () => {
  const own = 'datasource db {\n  provider = "postgresql"\n}\n\nmodel Post {\n  id String @id\n}\n';
  const daemun =
    'generator client {\n  provider = "prisma-client"\n}\n\nmodel User {\n  id   String @id\n  name String?\n}\n';

  it("gets our models and a client of their own beside its own", () => {
    const { text, left } = mergeSchema(own, daemun, []);
    expect(text.startsWith(own.trimEnd())).toBe(true);
    expect(text).toContain("generator daemun {");
    expect(text).toContain("model User {");
    expect([left, mergeSchema(text, daemun, []).text]).toEqual([[], text]);
  });

  it("gets the fields that a later version adds", () => {
    const { text } = mergeSchema(own, daemun, []);
    const later = mergeSchema(text, daemun.replace("name String?", "name String?\n  note String?"), []);
    expect(later.text).toContain("  note String?");
    expect(later.left).toEqual([]);
  });

  it("keeps a User of its own until it is told, and then its further fields", () => {
    const mine = `${own}\nmodel User {\n  id    Int    @id\n  posts Post[]\n}\n`;
    const asked = mergeSchema(mine, daemun, []);
    expect(asked.left).toEqual([expect.stringContaining('--replace "model User"')]);
    const { text, left } = mergeSchema(mine, daemun, ["model User"]);
    expect(text).toMatch(/model User \{\n {2}id {3}String @id\n {2}name String\?\n {2}posts Post\[\]\n\}/);
    expect(left).toEqual([]);
  });
});
