import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { exitOf } from "../../dev/process/child";
import { tie } from "../../dev/process/tied";
import { copySource, linkPackages, sourceFiles } from "./repository-files";

export interface Image {
  /** Where its root is; what the Dockerfile calls `/app` is `/app` below it. */
  folder: string;
  workdir: string;
  env: Record<string, string>;
  command: string[];
  user: string | null;
}

/**
 * Does what a Dockerfile says, in its order, in empty folders: one for each stage. Two things are otherwise, as there is no
 * Docker: this machine's Node in the place of the image's, and the packages linked in the place of `npm ci`.
 *
 * @returns the last stage
 */
export async function followDockerfile(text: string): Promise<{ image: Image; remove(): void }> {
  const base = mkdtempSync(join(tmpdir(), "daemun-image-"));
  // Its user is another one.
  chmodSync(base, 0o755);
  const remove = () => rmSync(base, { recursive: true, force: true });
  const stages = new Map<string, Image>();
  let image: Image = newImage(join(base, "none"));
  try {
    for (const [at, line] of instructions(text).entries()) {
      const [, word = "", said = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      if (word === "FROM") {
        image = newImage(join(base, String(at)));
        stages.set(said.split(" AS ")[1] ?? "last", image);
      } else await carryOut(image, word, said, stages);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { image, remove };
}

function newImage(folder: string): Image {
  return { folder, workdir: "/", env: {}, command: [], user: null };
}

function instructions(text: string): string[] {
  return text
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

const within = ({ folder, workdir }: Image, path: string) =>
  join(folder, isAbsolute(path) ? path : join(workdir, path));

async function carryOut(image: Image, word: string, said: string, stages: ReadonlyMap<string, Image>): Promise<void> {
  if (word === "WORKDIR") image.workdir = said;
  else if (word === "ENV") Object.assign(image.env, Object.fromEntries(said.split(" ").map((pair) => pair.split("="))));
  else if (word === "USER") image.user = said;
  else if (word === "CMD") image.command = JSON.parse(said) as string[];
  else if (word === "COPY") copy(image, said, stages);
  else if (word === "RUN") await run(image, said);
  else if (!["EXPOSE", "STOPSIGNAL", "HEALTHCHECK"].includes(word)) throw new Error(`Nobody here knows ${word}.`);
}

function copy(image: Image, said: string, stages: ReadonlyMap<string, Image>): void {
  const words = said.split(" ");
  const from = words[0]?.startsWith("--from=") ? stages.get(words.shift()?.slice("--from=".length) ?? "") : null;
  if (from === undefined) throw new Error(`No stage of ${said} came before.`);
  const to = within(image, words.pop() ?? "");
  // Of a folder, what is in it.
  if (from) for (const source of words) cpSync(within(from, source), to, { recursive: true, verbatimSymlinks: true });
  else for (const path of words[0] === "." ? sourceFiles(".dockerignore") : words) copySource(path, to);
}

async function run(image: Image, command: string): Promise<void> {
  const cwd = within(image, ".");
  if (command === "npm ci --ignore-scripts") return linkPackages(cwd);
  const child = spawn("sh", ["-c", command], {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    // Nothing that this run is told: an image is built without any of it.
    env: { PATH: process.env.PATH, HOME: image.folder, ...image.env } as never,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const letGo = tie(child, "SIGTERM", { group: true });
  const code = await exitOf(child);
  letGo();
  if (code !== 0) throw new Error(`RUN ${command} failed:\n${output}`);
}
