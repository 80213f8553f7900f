import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./build";

const timeoutMs = 5 * 60_000;

/**
 * The program of a version, as the registry's package `node` would have it for this machine. It stays for later runs.
 *
 * @throws Error when there is none, or the registry does not answer
 */
export function fetchNode(version: string): string {
  if (!/^\d+(?:\.\d+){0,2}$/.test(version)) throw new Error("it is no version");
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const folder = join(root, ".data/node", version);
  const program = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(program)) return program;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const options = ["--prefix", unfinished, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"];
  execFileSync("npm", ["install", ...options, `${name}@${version}`], { stdio: "pipe", timeout: timeoutMs });
  renameSync(unfinished, folder);
  return program;
}
