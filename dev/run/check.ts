import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { generateClient } from "../../prisma/generate";
import { runStep, type Step } from "../process/run-step";
import { nextCli, root } from "./build";

const timeoutMs = 180_000;

const steps: Step[] = [
  { name: "types", args: ["node_modules/typescript/bin/tsc", "--noEmit"], timeoutMs, quiet: true },
  {
    name: "format and lint",
    args: ["node_modules/@biomejs/biome/bin/biome", "check", "--colors=off", "."],
    timeoutMs,
    quiet: true,
  },
  { name: "dead code", args: ["node_modules/knip/bin/knip.js", "--no-progress"], timeoutMs, quiet: true },
  { name: "imports", args: ["--import", "tsx", "dev/run/import-graph.ts"], timeoutMs, quiet: true },
];

/**
 * Looks at the code without running it: format, lint, types, dead code, and which way imports point.
 *
 * @returns whether all is well; what is not has been printed
 */
export async function check(): Promise<boolean> {
  generateClient();
  if (!["next-env.d.ts", ".next/types"].every((path) => existsSync(join(root, path)))) {
    // A fresh clone has no types for routes and style sheets yet.
    const types = await runStep({ name: "types of routes", args: [nextCli, "typegen"], timeoutMs, quiet: true });
    if (types.code !== 0) console.error(types.output);
  }
  const results = await Promise.all(steps.map(runStep));
  for (const { name, code, output, seconds } of results) {
    console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds.toFixed(1)} s)`);
    if (code !== 0) console.log(`${output}\n`);
  }
  return results.every(({ code }) => code === 0);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = (await check()) ? 0 : 1;
}
