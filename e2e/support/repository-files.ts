import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../dev/run/build";

/**
 * The files of the repository as it stands, committed or not.
 *
 * @param ignoreFile names what is left out, by names in the repository's own folder, with stars
 */
export function sourceFiles(ignoreFile?: string): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  const lines = ignoreFile ? readFileSync(join(root, ignoreFile), "utf8").split("\n").filter(Boolean) : [];
  const ignored = lines.map((line) => new RegExp(`^${line.replaceAll(".", "\\.").replaceAll("*", ".*")}$`));
  return listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .filter((path) => !ignored.some((pattern) => pattern.test(path.split("/")[0] ?? "")));
}

/** Copies a file of the repository to its place in another folder. */
export function copySource(path: string, folder: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  cpSync(join(root, path), join(folder, path));
}

/** Packages as `npm ci` would lay them out: linked file by file, where the folders are on one disk, or copied. */
export function linkPackages(folder: string): void {
  for (const how of ["-al", "-a"]) {
    try {
      execFileSync("cp", [how, join(root, "node_modules"), folder], { stdio: "ignore" });
      return;
    } catch {
      rmSync(join(folder, "node_modules"), { recursive: true, force: true });
    }
  }
  throw new Error("The packages could not be copied.");
}
