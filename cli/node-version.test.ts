import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const guard = "cli/node-version.cjs";

/** Runs the guard as a Node of that version would. */
function runAs(version: string) {
  const stub = `Object.defineProperty(process.versions, "node", { value: "${version}" }); require("./${guard}"); console.log("goes on");`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", stub], { cwd: root, encoding: "utf8" });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

it.each(["12.22.12", "18.20.8", "20.9.0", "20.18.3"])(
  "FF-70: on Node %s, one sentence says which one is needed",
  (version) => {
    const { status, stdout, stderr } = runAs(version);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toBe(`Daemun needs Node 20.19 or newer, and this is Node ${version}: https://nodejs.org has it.`);
  },
);

it.each(["20.19.0", "22.0.0", "24.11.1"])("FF-70: on Node %s, everything goes on without a word", (version) => {
  expect(runAs(version)).toEqual({ status: 0, stdout: "goes on", stderr: "" });
});

it("FF-70: every command, and Next by whatever command it is started, looks at the version first", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  for (const [name, command] of Object.entries(scripts))
    expect(command, name).toMatch(/^node (?:cli\/node-version\.cjs && |-r \.\/cli\/before-start\.cjs )/);
  expect(readFileSync(join(root, "cli/before-start.cjs"), "utf8")).toMatch(
    /^(?:\/\/.*\n)require\("\.\/node-version\.cjs"\);/,
  );
  expect(readFileSync(join(root, "next.config.mjs"), "utf8").startsWith(`import "./${guard}";`)).toBe(true);
});
