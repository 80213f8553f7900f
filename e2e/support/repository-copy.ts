import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitOf } from "../../dev/process/child";
import { tie } from "../../dev/process/tied";
import { root } from "../../dev/run/build";

type Mode = "test" | "production";

export interface RepositoryCopy {
  /** Changes a file of it. */
  edit(path: string, change: (text: string) => string): void;
  /**
   * Runs Node in it, with `mode` as NODE_ENV.
   *
   * @throws Error with what it printed when it fails
   */
  run(mode: Mode, ...args: string[]): Promise<void>;
  remove(): void;
}

// Its own commands read .git, and its build finds packages, through the repository that it lies in. A lock file of its
// own would make Next take the copy for the whole.
const leftOut = new Set(["package-lock.json"]);

/** A copy of the whole repository as it stands, committed or not, in which a test may do what a developer would. */
export function copyRepository(name: string): RepositoryCopy {
  const folder = join(root, ".data", name);
  rmSync(folder, { recursive: true, force: true });
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  for (const path of [...listed.split("\0").filter(Boolean), "prisma/generated"]) {
    if (leftOut.has(path) || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  // One by one, so that caches are the copy's own.
  mkdirSync(join(folder, "node_modules"));
  for (const entry of readdirSync(join(root, "node_modules")).filter((entry) => entry !== ".cache")) {
    symlinkSync(join("../../../node_modules", entry), join(folder, "node_modules", entry));
  }
  return {
    edit: (path, change) => writeFileSync(join(folder, path), change(readFileSync(join(folder, path), "utf8"))),
    run: (mode, ...args) => run(folder, mode, args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function run(folder: string, mode: Mode, args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: mode, NEXT_TELEMETRY_DISABLED: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const letGo = tie(child, "SIGTERM", { group: true });
  const code = await exitOf(child);
  letGo();
  if (code !== 0) throw new Error(`${args.join(" ")} failed:\n${output}`);
}
