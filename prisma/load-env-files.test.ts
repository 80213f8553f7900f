import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "daemun-env-"));
  const files = {
    ".env":
      "A=env\nB=env\nC=env\nD=env\nPASSWORD=p%40ss\nHOST=db\nADDRESS=postgresql://u:$PASSWORD@$HOST/x\nESCAPED=a\\$b\n",
    ".env.local": "B=local\nC=local\n",
    ".env.production": "A=production\nB=production\n",
    ".env.production.local": "C=production-local\n",
    ".env.development": "A=development\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = ["A", "B", "C", "D", "ADDRESS", "ESCAPED"];

/** What a process has after reading the files: by us, as every command does, or by Next itself. */
function readBy(reader: "us" | "next", env: Record<string, string>) {
  const isDevelopment = env.NODE_ENV === "development";
  const code =
    reader === "us"
      ? `const { loadEnvFiles } = await import("./prisma/load-env-files.ts"); loadEnvFiles({ directory: ${JSON.stringify(folder)} });`
      : `const { default: next } = await import("@next/env"); next.loadEnvConfig(${JSON.stringify(folder)}, ${isDevelopment});`;
  const print = `console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name])));`;
  const args = ["--import", "tsx", "--input-type=module", "-e", code + print];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...env } as unknown as NodeJS.ProcessEnv,
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) || `"${stderr}"`);
}

it.each([{}, { NODE_ENV: "production" }, { NODE_ENV: "development" }, { D: "set already" }])(
  "FF-67: commands read the .env files as the app does, with %o",
  (env) => {
    expect(readBy("us", env as Record<string, string>)).toEqual(readBy("next", env as Record<string, string>));
  },
);

it("FF-67: without NODE_ENV they read what npm start would, and what is set already stays", () => {
  const address = "postgresql://u:p%40ss@db/x";
  expect(readBy("us", { D: "set" })).toEqual(["production", "local", "production-local", "set", address, "a$b"]);
});
