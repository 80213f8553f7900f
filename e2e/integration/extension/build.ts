import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nextCli, root } from "../../../dev/build";
import { exitOf } from "../../../dev/child";
import { tie } from "../../../dev/tied";

const ours =
  "app edge server ui messages public prisma/generated middleware.ts instrumentation.ts daemun.config.ts next.config.mjs postcss.config.mjs tsconfig.json tsconfig.build.json package.json".split(
    " ",
  );

/** What a developer has changed in `daemun.config.ts`: tokens of one API may go to the browser, and the partner's roles are its own. */
const changes = [
  ['indicator: "https://shopping.example/api",', 'indicator: "https://shopping.example/api", exposeToBrowser: true,'],
  ["providers: {", "providers: { partner: { trustRoles: false },"],
] as const;

function configure(text: string): string {
  return changes.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`daemun.config.ts has no ${from}`);
    return changed.replace(from, to);
  }, text);
}

export interface ExtendedBuild {
  /** The folder to start it from. */
  folder: string;
  remove(): void;
}

/** A production build of the house with the pages in this folder added, as a developer would add theirs. */
export async function buildExtended(): Promise<ExtendedBuild> {
  const configuration = configure(readFileSync(join(root, "daemun.config.ts"), "utf8"));
  // Below the repository, so that the build finds its packages; in a folder that git does not look into.
  mkdirSync(join(root, ".data"), { recursive: true });
  const folder = mkdtempSync(join(root, ".data", "extended-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  for (const name of ours) cpSync(join(root, name), join(folder, name), { recursive: true });
  cpSync(join(root, "e2e/integration/extension/app"), join(folder, "app"), { recursive: true });
  writeFileSync(join(folder, "daemun.config.ts"), configuration);
  const child = spawn(process.execPath, [nextCli, "build"], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const letGo = tie(child, "SIGTERM", { group: true });
  const code = await exitOf(child);
  letGo();
  if (code === 0) return { folder, remove };
  remove();
  throw new Error(`next build failed:\n${output}`);
}
