import { spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { exitOf } from "../process/child";
import { tie } from "../process/tied";
import { nextCli, root } from "./build";

/** What a copy of the app is made of, from the repository's root. */
export const appSources =
  "app edge server ui messages public cli/check-config.ts cli/with-daemun.mjs cli/node-version.cjs prisma/database-address.ts prisma/generated auth.ts middleware.ts instrumentation.ts daemun.config.ts daemun.hooks.ts next.config.mjs postcss.config.mjs tsconfig.json tsconfig.build.json package.json".split(
    " ",
  );

/**
 * Copies the app without the sample into `folder`, lets `change` make of it what a developer would, and builds that for production.
 *
 * @param folder below the repository, so that the build finds its packages
 * @throws Error with the build's output when it fails
 */
export async function buildAppCopy(folder: string, change: (folder: string) => void): Promise<void> {
  const isApp = (path: string) => !path.startsWith(join(root, "app/(sample)"));
  for (const name of appSources) cpSync(join(root, name), join(folder, name), { recursive: true, filter: isApp });
  change(folder);
  const child = spawn(process.execPath, [nextCli, "build"], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      DAEMUN_SAMPLE: "",
      DAEMUN_CONFIG: "",
      DAEMUN_HOOKS: "",
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const letGo = tie(child, "SIGTERM", { group: true });
  const code = await exitOf(child);
  letGo();
  if (code !== 0) throw new Error(`next build failed:\n${output}`);
}
