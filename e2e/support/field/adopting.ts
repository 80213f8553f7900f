import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../../dev/run/build";
import { copySource, sourceFiles } from "../repository-files";
import { keep, run } from "./programs";

const version = "16.4.3";
const minutes = 60_000;

/** The folder of what makes new Next.js apps. @throws Error when it cannot be had */
export const fetchCreateNextApp = () =>
  keep(`create-next-app-${version}`, (folder) =>
    run(
      "npm",
      ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", `create-next-app@${version}`],
      {
        timeoutMs: 5 * minutes,
      },
    ),
  );

const options = "--ts --app --tailwind --no-eslint --import-alias @/* --use-npm --skip-install --disable-git --yes";

/** A new app as create-next-app makes it, committed; and files of its developer's on top. */
export async function makeHost(
  createNextApp: string,
  folder: string,
  { src, files = {} }: { src: boolean; files?: Record<string, string> },
): Promise<void> {
  const program = join(createNextApp, "node_modules/create-next-app/dist/index.js");
  const where = src ? "--src-dir" : "--no-src-dir";
  await run(process.execPath, [program, folder, ...options.split(" "), where], { timeoutMs: minutes });
  writeFiles(folder, files);
  git(folder, "init", "-q");
  commit(folder, "The app before");
}

export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export function edit(folder: string, path: string, change: (text: string) => string): void {
  const before = readFileSync(join(folder, path), "utf8");
  const after = change(before);
  if (after === before) throw new Error(`${path} has not what was to be changed.`);
  writeFileSync(join(folder, path), after);
}

export function git(folder: string, ...args: string[]): string {
  const who = ["-c", "user.name=A developer", "-c", "user.email=developer@company.example"];
  return execFileSync("git", ["-C", folder, ...who, ...args], { encoding: "utf8" });
}

export function commit(folder: string, message: string): void {
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", message);
}

/** What `npm run adopt` says, and its exit code. */
export function adopt(version: string, folder: string, ...args: string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "cli/adopt.ts", folder, ...args], {
    cwd: version,
    encoding: "utf8",
    timeout: minutes,
  });
  return { code: status, said: stdout + stderr };
}

/** The repository as it stands, in a folder of its own, as a later version of it would be cloned. */
export function makeLaterVersion(folder: string, change: (folder: string) => void): void {
  mkdirSync(folder, { recursive: true });
  for (const path of sourceFiles()) copySource(path, folder);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  change(folder);
  git(folder, "init", "-q");
  commit(folder, "A later version");
}

// What the layout of create-next-app asks for.
const fonts = ["Geist", "Geist Mono"];

/** Google's style sheets of the fonts in a new app, so that a build asks nobody for one. @returns the file that Next reads */
function mockFonts(folder: string): string {
  const file = join(folder, "fonts.cjs");
  const sheets = fonts.map((name) => [
    `https://fonts.googleapis.com/css2?family=${name.replace(" ", "+")}:wght@100..900&display=swap`,
    `@font-face { font-family: '${name}'; font-weight: 100 900; src: local('Arial'); }`,
  ]);
  writeFileSync(file, `module.exports = ${JSON.stringify(Object.fromEntries(sheets))};\n`);
  return file;
}

/** Installs the packages of an app, as `npm ci` would, but for a lock file that nobody has yet. */
export async function install(host: string): Promise<void> {
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: host,
    timeoutMs: 8 * minutes,
  });
}

/** Gives a host the packages of another that is done with them: npm then installs what differs alone. */
export function movePackages(from: string, to: string): void {
  if (!existsSync(join(from, "package-lock.json"))) return;
  copyFileSync(join(from, "package-lock.json"), join(to, "package-lock.json"));
  renameSync(join(from, "node_modules"), join(to, "node_modules"));
}

/** Runs a host's own `npm run build`. @param folder where what its build is given may lie */
export async function buildHost(host: string, folder: string): Promise<void> {
  const env = {
    NEXT_FONT_GOOGLE_MOCKED_RESPONSES: mockFonts(folder),
    NEXT_TELEMETRY_DISABLED: "1",
    NODE_ENV: "production",
  };
  await run("npm", ["run", "build"], { cwd: host, env, timeoutMs: 8 * minutes });
}
