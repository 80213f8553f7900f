import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyChanges } from "./apply";
import { addressOf, type Host, readHost } from "./host";
import { makePlan, type Plan, type PlanOptions } from "./plan";
import { shippedFiles } from "./shipped";

const repository = join(import.meta.dirname, "../..");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "daemun-adopt-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(place: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, place, path)), { recursive: true });
    writeFileSync(join(folder, place, path), text);
  }
}

function commit(place: string): void {
  const git = (...args: string[]) =>
    execFileSync("git", [
      "-C",
      join(folder, place),
      "-c",
      "user.name=A",
      "-c",
      "user.email=a@company.example",
      ...args,
    ]);
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "as it is", "--allow-empty");
}

const lines = (changes: Record<number, string> = {}) =>
  Array.from({ length: 12 }, (_, at) => changes[at] ?? `line ${at}`).join("\n");

/** A version of Daemun of a few files. */
function makeVersion(place: string, version: string, files: Record<string, string>): void {
  write(place, { "package.json": JSON.stringify({ version, scripts: {} }), "middleware.ts": "export {};\n", ...files });
  write(place, { "postcss.config.mjs": "export default {};\n" });
  commit(place);
}

function makeHost(files: Record<string, string> = {}): void {
  write("host", {
    "package.json": JSON.stringify({ dependencies: { next: "16.4.6" } }),
    "tsconfig.json": JSON.stringify({ compilerOptions: { strict: true } }),
    "app/page.tsx": "export default () => null;\n",
    ...files,
  });
  commit("host");
}

const host = () => readHost(join(folder, "host"));

function run(version: string, options: Partial<PlanOptions> = {}): Plan {
  const plan = makePlan(host(), { root: join(folder, version), without: [], replace: [], keep: [], ...options });
  if (plan.undecided.length > 0) return plan;
  applyChanges(join(folder, "host"), plan.changes);
  commit("host");
  return plan;
}

const read = (path: string) => readFileSync(join(folder, "host", path), "utf8");
const kinds = (plan: Plan, path: string) =>
  plan.changes.filter((change) => change.path === path).map(({ kind }) => kind);

describe("an app that has nothing of the kind", () => {
  it("gets the files, and nothing more by a second run", () => {
    makeHost();
    makeVersion("one", "1.0.0", { "edge/a.ts": lines(), "app/api/me/route.ts": "export {};\n", "dev/b.ts": "" });
    run("one");
    expect([read("edge/a.ts"), existsSync(join(folder, "host/app/(daemun)/api/me/route.ts"))]).toEqual([lines(), true]);
    expect(existsSync(join(folder, "host/dev"))).toBe(false);
    expect(run("one").changes).toEqual([]);
  });
});

describe("a file that is there already", () => {
  beforeEach(() => {
    makeHost({ "prisma.config.ts": "mine\n", "app/(site)/api/me/route.ts": "mine\n", "middleware.ts": "mine\n" });
    makeVersion("one", "1.0.0", { "prisma.config.ts": "theirs\n", "app/api/me/route.ts": "theirs\n" });
  });

  it("stops the run until it is said what becomes of it", () => {
    const { undecided } = run("one");
    expect(undecided.map((line) => line.split(" ")[0])).toEqual(["prisma.config.ts", "app/(site)/api/me/route.ts"]);
    expect(read("prisma.config.ts")).toBe("mine\n");
  });

  it("is replaced, deleted or kept as it was said, and the next run remembers", () => {
    run("one", { replace: ["app/(site)/api/me/route.ts"], keep: ["prisma.config.ts"] });
    const route = existsSync(join(folder, "host/app/(site)/api/me/route.ts"));
    expect([read("prisma.config.ts"), route]).toEqual(["mine\n", false]);
    expect(run("one")).toMatchObject({ changes: [], undecided: [] });
  });

  it("middleware stays beside ours, and the developer is told how it begins", () => {
    const { left } = run("one", { replace: ["app/(site)/api/me/route.ts", "prisma.config.ts"] });
    expect(left.join()).toContain("Begin yours with `const answer = await gate(request)`");
    expect([read("middleware.ts"), read("daemun.middleware.ts")]).toEqual(["mine\n", "export {};\n"]);
    expect(run("one").changes).toEqual([]);
  });

  it("is gone where ours has another name and Next takes one of the two alone: proxy.ts", () => {
    makeHost({ "proxy.ts": "mine\n", "middleware.ts": "export {};\n" });
    rmSync(join(folder, "host/middleware.ts"));
    commit("host");
    run("one", { replace: ["proxy.ts", "prisma.config.ts", "app/(site)/api/me/route.ts"] });
    expect([read("middleware.ts"), existsSync(join(folder, "host/proxy.ts"))]).toEqual(["export {};\n", false]);
    expect(run("one")).toMatchObject({ changes: [], undecided: [], left: [] });
  });

  it("is not offered to stay, and does not stay, where Daemun's pages are made of ours: auth.ts", () => {
    makeHost({ "auth.ts": "mine\n" });
    makeVersion("one", "1.0.0", { "auth.ts": "theirs\n" });
    for (const options of [{}, { keep: ["auth.ts"] }]) {
      const said = run("one", { replace: ["prisma.config.ts"], ...options }).undecided.join("\n");
      expect(said).toMatch(/^auth\.ts is there already\. --replace auth\.ts\. /m);
      expect(said).not.toContain("--keep auth.ts");
    }
    expect(read("auth.ts")).toBe("mine\n");
  });

  it("is named where it would be found in place of ours, since @/ looks into src/ first", () => {
    rmSync(join(folder, "host"), { recursive: true });
    write("host", {
      "package.json": JSON.stringify({ dependencies: { next: "16.4.6" } }),
      "tsconfig.json": JSON.stringify({ compilerOptions: { strict: true } }),
      "src/app/page.tsx": "export default () => null;\n",
      "src/edge/a.ts": "mine\n",
    });
    commit("host");
    makeVersion("one", "1.0.0", { "edge/a.ts": "theirs\n" });
    expect(run("one").undecided).toEqual([expect.stringMatching(/^src\/edge\/a\.ts is found in place of edge\/a\.ts/)]);
    run("one", { replace: ["src/edge/a.ts"] });
    expect([read("edge/a.ts"), existsSync(join(folder, "host/src/edge/a.ts"))]).toEqual(["theirs\n", false]);
    expect(run("one")).toMatchObject({ changes: [], undecided: [] });
  });
});

describe("a newer version", () => {
  beforeEach(() => {
    makeHost();
    makeVersion("one", "1.0.0", { "edge/a.ts": lines(), "edge/b.ts": lines(), "edge/gone.ts": lines() });
    run("one");
  });

  it("is merged with the developer's changes, again and again, also where git has no former content", () => {
    write("host", { "edge/a.ts": lines({ 0: "mine" }) });
    commit("host");
    makeVersion("two", "2.0.0", { "edge/a.ts": lines({ 6: "two" }), "edge/b.ts": lines({ 1: "two" }) });
    const second = run("two");
    expect([kinds(second, "edge/a.ts"), kinds(second, "edge/b.ts")]).toEqual([["merge"], ["update"]]);
    expect(kinds(second, "edge/gone.ts")).toEqual(["delete"]);
    makeVersion("three", "3.0.0", { "edge/a.ts": lines({ 6: "two", 11: "three" }), "edge/b.ts": lines({ 1: "two" }) });
    // The app's history begins again: nobody has what version two had.
    rmSync(join(folder, "host/.git"), { recursive: true });
    commit("host");
    run("three");
    expect(read("edge/a.ts")).toBe(lines({ 0: "mine", 6: "two", 11: "three" }));
    expect(run("three").changes).toEqual([]);
  });

  it("leaves what both changed, names it at each run, and takes it when it is told", () => {
    write("host", { "edge/a.ts": lines({ 3: "mine" }) });
    commit("host");
    makeVersion("two", "2.0.0", { "edge/a.ts": lines({ 3: "two" }), "edge/b.ts": lines(), "edge/gone.ts": lines() });
    for (const plan of [run("two"), run("two")]) {
      expect(plan.left).toEqual([expect.stringContaining("edge/a.ts: you and this version")]);
      expect(read("edge/a.ts")).toBe(lines({ 3: "mine" }));
    }
    run("two", { replace: ["edge/a.ts"] });
    expect([read("edge/a.ts"), run("two").left]).toEqual([lines({ 3: "two" }), []]);
  });

  it("brings back no file that the developer deleted, and deletes none that they changed", () => {
    write("host", { "edge/gone.ts": "mine" });
    rmSync(join(folder, "host/edge/a.ts"));
    commit("host");
    makeVersion("two", "2.0.0", { "edge/a.ts": lines({ 3: "two" }), "edge/b.ts": lines() });
    const { left } = run("two");
    expect(left.map((line) => line.split(":")[0])).toEqual(["edge/a.ts", "edge/gone.ts"]);
    expect([existsSync(join(folder, "host/edge/a.ts")), read("edge/gone.ts")]).toEqual([false, "mine"]);
  });
});

it.each([
  ["app/(site)/blog/[slug]/page.tsx", "/blog/[]"],
  ["app/api/auth/[...nextauth]/route.ts", "/api/auth/[...]"],
  ["app/page.tsx", "/"],
  ["app/layout.tsx", null],
])("%s answers %s", (path, address) => {
  expect(addressOf(path, "app")).toBe(address);
});

describe("what an app gets of this version", () => {
  const plain: Host = {
    folder: "",
    app: "src/app",
    beside: "src/",
    tailwindSheet: null,
    read: () => null,
    readBytes: () => null,
    has: () => false,
    list: () => [],
  };

  it.each([[[]], [["admin"]]] as const)("has everything that it imports, without %j", (without) => {
    const files = shippedFiles(repository, plain, { without, middleware: true });
    const ends = ["", ".ts", ".tsx", ".mjs", ".css", "/index.ts"];
    const missing: string[] = [];
    for (const [path, content] of files) {
      if (!/\.(?:tsx?|mjs|cjs)$/.test(path)) continue;
      for (const [, name = ""] of content
        .toString()
        .matchAll(/(?:\bfrom |\bimport |\bimport\(|\brequire\()"((?:\.|@\/)[^"]*)"/g)) {
        const target = name.startsWith("@/") ? name.slice(2) : posix.join(posix.dirname(path), name);
        const isMade = target.startsWith("prisma/generated/") || name === "../package.json";
        if (!isMade && !ends.some((end) => files.has(target + end))) missing.push(`${path}: ${name}`);
      }
    }
    expect(files.size).toBeGreaterThan(500);
    expect(missing).toEqual([]);
  });
});

describe("the command", () => {
  const command = (...words: string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", "cli/adopt.ts", ...words], { cwd: repository, encoding: "utf8" });

  it("says what there is to be said with --help, and of an option that there is not, without a stack", () => {
    const help = command("--help");
    expect([help.status, help.stderr]).toEqual([0, ""]);
    for (const option of ["--write", "--without", "--replace", "--keep"]) expect(help.stdout).toContain(option);
    const wrong = command("somewhere", "--wirte");
    expect([wrong.status, wrong.stdout]).toEqual([2, ""]);
    expect(wrong.stderr).toContain("'--wirte'");
    expect(wrong.stderr).toContain("Usage: npm run adopt");
    expect(wrong.stderr).not.toMatch(/^\s+at /m);
  });
});
