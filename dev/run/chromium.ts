import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";
import { root } from "./build";

const downloadTimeoutMs = 180_000;
const packageTimeoutMs = 600_000;

/** What our tests' Chromium is started with: nothing of its own on the network, and as root no sandbox, which root lacks. */
export const chromiumArguments = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/**
 * The path of a Chromium: the one in `PLAYWRIGHT_CHROMIUM`, one that Playwright has, one on the PATH, or else one that is
 * installed now, by Playwright or, on Debian as root, by apt-get.
 *
 * @throws Error that says how to get one
 */
export function findChromium(): string {
  const named = process.env.PLAYWRIGHT_CHROMIUM;
  if (named && !isProgram(named)) throw new Error("PLAYWRIGHT_CHROMIUM names no program.");
  return named || playwrights() || onPath() || downloaded() || packaged() || fail();
}

function fail(): never {
  throw new Error("No Chromium. Install one, and put it on the PATH or its path into PLAYWRIGHT_CHROMIUM.");
}

function playwrights(): string | undefined {
  const path = chromium.executablePath();
  return path && existsSync(path) ? path : undefined;
}

function onPath(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  // The shell is the same engine without a window, which tests have no use for: a page costs them half as much.
  return ["chromium-headless-shell", "chromium", "chromium-browser"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isProgram);
}

function downloaded(): string | undefined {
  console.log("No Chromium yet: asking Playwright for one …");
  const cli = join(root, "node_modules/@playwright/test/cli.js");
  run(process.execPath, [cli, "install", "chromium"], downloadTimeoutMs);
  return playwrights();
}

function packaged(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return undefined;
  console.log("Asking apt-get for chromium …");
  run("apt-get", ["update", "-q"], packageTimeoutMs);
  // The fonts, because pages are Korean too.
  const install = (name: string) =>
    run("apt-get", ["install", "-q", "-y", "--no-install-recommends", name, "fonts-noto-cjk"], packageTimeoutMs);
  install("chromium-headless-shell");
  if (!onPath()) install("chromium");
  return onPath();
}

function run(command: string, args: string[], timeout: number): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status } = spawnSync(command, args, { timeout, env, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) console.log(`${command} ${args.join(" ")} did not succeed.`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
