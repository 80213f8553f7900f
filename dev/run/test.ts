import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateClient } from "../../prisma/generate";
import { runStep } from "../process/run-step";
import { onStop } from "../process/stop-signals";
import { buildForProduction, buildVariant } from "./build";
import { check } from "./check";
import { oneFailure, readPlaywrightReport, readVitestReport, type Tally } from "./test-reports";

const minutes = 60_000;

/** Vitest, on the given projects. */
async function vitest(reports: string, projects: string[]): Promise<Tally> {
  const report = join(reports, "vitest.json");
  const { code } = await runStep({
    name: "Vitest",
    args: [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--passWithNoTests",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...projects.map((project) => `--project=${project}`),
    ],
    timeoutMs: 60 * minutes,
  });
  return orFailure(code, report, readVitestReport);
}

async function playwright(reports: string): Promise<Tally> {
  const report = join(reports, "playwright.json");
  const { code } = await runStep({
    name: "Playwright",
    args: ["node_modules/@playwright/test/cli.js", "test", "--pass-with-no-tests", "--reporter=list,json"],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    timeoutMs: 60 * minutes,
  });
  return orFailure(code, report, readPlaywrightReport);
}

/** A runner that failed without naming a test has failed all the same. */
function orFailure(code: number, report: string, read: (json: string) => Tally): Tally {
  let tally: Tally = { ...oneFailure, failed: 0 };
  try {
    tally = read(readFileSync(report, "utf8"));
  } catch {
    return oneFailure;
  }
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

async function build(): Promise<boolean> {
  try {
    await buildForProduction(buildVariant("tests"));
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}

async function run(part: string | undefined, reports: string): Promise<Tally[]> {
  const tallies: Tally[] = [];
  generateClient();
  if (part === undefined && !(await check())) tallies.push(oneFailure);
  if (part === "unit") return [...tallies, await vitest(reports, ["unit"])];
  const built = await build();
  if (!built) tallies.push(oneFailure);
  if (part === "field") return built ? [...tallies, await vitest(reports, ["field"])] : tallies;
  // Without a build there is no app to talk to, but the rest can still be told.
  const projects = [...(part === "e2e" ? [] : ["unit"]), ...(built ? ["integration"] : [])];
  if (projects.length > 0) tallies.push(await vitest(reports, projects));
  if (built) tallies.push(await playwright(reports));
  return tallies;
}

// The steps end with this process: see runStep.
onStop((signal) => process.exit(signal === "SIGINT" ? 130 : 143));

const reports = mkdtempSync(join(tmpdir(), "daemun-reports-"));
const tallies = await run(process.argv[2], reports).catch((error: unknown) => {
  console.error(error);
  return [oneFailure];
});
rmSync(reports, { recursive: true });
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
// Software of others is not everywhere, and what is skipped has been named.
const mayBeNone = process.argv[2] === "field";
if (passed + failed === 0)
  console.log(mayBeNone ? "\nNo test ran: nothing for it is here." : "\nNo test ran, which is a failure.");
const failures = tallies.flatMap((tally) => tally.failures);
// Once more at the end: of a long log often the end alone is kept.
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `  ${failure}`).join("\n")}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || (passed === 0 && !mayBeNone) ? 1 : 0);
