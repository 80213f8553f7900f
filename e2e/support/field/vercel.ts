import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildVariant } from "../../../dev/run/build";
import { copySource, linkPackages, sourceFiles } from "../repository-files";
import { keep, run } from "./programs";

const version = "60.1.3";
const minutes = 60_000;

/** The folder of Vercel's own command line. @throws Error when it cannot be had */
export const fetchVercel = () =>
  keep(`vercel-${version}`, (folder) =>
    run("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", `vercel@${version}`], {
      timeoutMs: 10 * minutes,
    }),
  );

/**
 * Builds the repository as it stands in an empty folder, as a deployment from this machine would, without any account; with the
 * configuration of the tests, which has services.
 */
export async function buildForVercel(vercel: string, folder: string): Promise<void> {
  for (const path of sourceFiles()) copySource(path, folder);
  linkPackages(folder);
  const settings = { framework: "nextjs", buildCommand: "npm run build", installCommand: "true", nodeVersion: "24.x" };
  mkdirSync(join(folder, ".vercel"));
  writeFileSync(
    join(folder, ".vercel/project.json"),
    JSON.stringify({ projectId: "prj_local", orgId: "team_local", settings }),
  );
  const cli = join(vercel, "node_modules/vercel/dist/vc.js");
  await run(process.execPath, [cli, "build", "--prod", "--yes", "--token", "none"], {
    cwd: folder,
    env: { ...buildVariant("tests"), HOME: folder, VERCEL_TELEMETRY_DISABLED: "1", NEXT_TELEMETRY_DISABLED: "1" },
    timeoutMs: 15 * minutes,
  });
}
