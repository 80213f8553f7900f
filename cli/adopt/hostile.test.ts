import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyChanges } from "./apply";
import { blobOf, findUncommitted } from "./git";
import { readHost } from "./host";
import { makePlan } from "./plan";

// An app of somebody who wants something of whoever runs the command in it.

let folder: string;
let host: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "daemun-adopt-"));
  host = join(folder, "host");
  write("one", {
    "package.json": JSON.stringify({ version: "1.0.0", scripts: {} }),
    "middleware.ts": "export {};\n",
    "postcss.config.mjs": "export default {};\n",
    "ui/a.ts": "ours\n",
  });
  git("one", "init", "-q");
  git("one", "add", "-A");
  write("host", {
    "package.json": JSON.stringify({ dependencies: { next: "16.4.6" } }),
    "tsconfig.json": "{}",
    "app/page.tsx": "export default () => null;\n",
  });
  write("victim", { "known.txt": "known\n" });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(place: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, place, path)), { recursive: true });
    writeFileSync(join(folder, place, path), text);
  }
}

function git(place: string, ...args: string[]): string {
  const who = ["-c", "user.name=A", "-c", "user.email=a@company.example"];
  return execFileSync("git", ["-C", join(folder, place), ...who, ...args], { encoding: "utf8" });
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(host, path)), { recursive: true });
  symlinkSync(target, join(host, path));
}

function writeRecord(record: object): void {
  const plain = { version: "0.9.0", without: [], kept: [], files: {}, dependencies: {} };
  write("host", { ".daemun/adopted.json": JSON.stringify({ ...plain, ...record }) });
}

const plan = () => makePlan(readHost(host), { root: join(folder, "one"), without: [], replace: [], keep: [] });

/** What it was refused with, if it was; what is outside the app is as it was in any case. */
function refusal(work: () => unknown): string {
  let said = "";
  try {
    work();
  } catch (error) {
    said = String(error);
  }
  expect(readdirSync(join(folder, "victim"))).toEqual(["known.txt"]);
  return said;
}

const adopt = () => applyChanges(host, plan().changes);

describe("what is outside an app stays as it is", () => {
  it.each([
    "../victim/known.txt",
    "ui/../../victim/known.txt",
    "/victim/known.txt",
    "C:/victim/known.txt",
    "..\\victim\\known.txt",
    "ui//known.txt",
    "./known.txt",
    ".git/config",
    "",
  ])("where its record names %j", (path) => {
    writeRecord({ files: { [path]: blobOf(Buffer.from("known\n")) } });
    expect(refusal(adopt)).toContain(".daemun/adopted.json is not what a run of this command has written.");
  });

  it("where its record says more than a run writes", () => {
    writeRecord({ more: true });
    expect(refusal(adopt)).toContain(".daemun/adopted.json is not what a run of this command has written.");
  });

  it.each([
    [".daemun/base", "../../victim"],
    [".daemun", "../victim"],
    ["ui", "../victim"],
    ["ui/a.ts", "../../victim/known.txt"],
    ["ui/a.ts", "../../victim/new.txt"],
    ["src", "../victim"],
    ["app/(daemun)", "../../victim"],
    [".gitignore", "../victim/known.txt"],
  ])("where its %s is a symbolic link to %s, and the run is refused as a whole", (path, target) => {
    link(path, target);
    expect(refusal(adopt)).toContain(`${path} is a symbolic link`);
    expect([existsSync(join(host, "next.config.mjs")), existsSync(join(host, "middleware.ts"))]).toEqual([
      false,
      false,
    ]);
  });

  it("where a symbolic link came between the plan and the writing", () => {
    const { changes } = plan();
    link("ui", "../victim");
    expect(refusal(() => applyChanges(host, changes))).toContain("ui is a symbolic link");
    expect(existsSync(join(host, "middleware.ts"))).toBe(false);
  });

  it("where a folder of its pages is a symbolic link: what is there is none of its pages", () => {
    write("victim", { "known.txt": "known\n" });
    link("app/linked", "../../victim");
    expect(readHost(host).list("app")).toEqual(["app/page.tsx"]);
  });
});

it("a file where a folder has to be is named, before anything is written", () => {
  write("host", { ui: "a file\n" });
  expect(refusal(adopt)).toContain("ui is a file");
  expect(existsSync(join(host, "middleware.ts"))).toBe(false);
});

it("a look at an app runs no program that its git configuration names", () => {
  const ran = join(folder, "ran");
  const program = join(folder, "program");
  writeFileSync(program, `#!/bin/sh\necho "$0" >> ${ran}\n`);
  chmodSync(program, 0o755);
  git("host", "init", "-q");
  git("host", "add", "-A");
  git("host", "commit", "-qm", "as it is");
  mkdirSync(join(folder, "hooks"));
  symlinkSync(program, join(folder, "hooks/post-index-change"));
  git("host", "config", "core.fsmonitor", program);
  git("host", "config", "core.hooksPath", join(folder, "hooks"));
  // Its index is no longer what git has seen: a refreshed one is where a hook runs.
  write("host", { "tsconfig.json": "{}" });
  expect(findUncommitted(host)).toBeNull();
  expect(existsSync(ran)).toBe(false);
});
