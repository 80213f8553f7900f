import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { root } from "../../../dev/run/build";

/** Where what was fetched and built stays for later runs. */
const kept = join(root, ".data/field");

/** The folder that says which versions of a program of others a test runs. */
export const folderOf = (name: string) =>
  fileURLToPath(new URL(`../../integration/field/${name}`, import.meta.url)).replace(/\/$/, "");

/** Whether this machine has a command. */
export const isThere = (command: string, argument = "--version") =>
  spawnSync(command, [argument], { stdio: "ignore" }).status === 0;

/** Runs a command of others to its end. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs }: { cwd?: string; env?: Record<string, string>; timeoutMs: number },
): Promise<void> {
  await promisify(execFile)(command, [...args], {
    timeout: timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
  });
}

/**
 * A folder that `make` fills once: later runs find it as it was left.
 *
 * @param name with the version in it, so that another version has a folder of its own
 * @param make fills the folder that it is given, which takes its place when that is done
 */
export async function keep(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const place = join(kept, name);
  if (existsSync(place)) return place;
  const unfinished = `${place}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  await make(unfinished);
  renameSync(unfinished, place);
  return place;
}

/** The SHA-256 of a file, in hexadecimal digits. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
