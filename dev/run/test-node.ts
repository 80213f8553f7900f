import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { runStep } from "../process/run-step";
import { onStop } from "../process/stop-signals";
import { root } from "./build";
import { fetchNode } from "./fetch-node";

// `npm run test:node -- 24`: builds and starts the app, and signs in, is refused, refreshes and signs out, all of it by the
// Node of that version. Several may be named; without any it is those that are supported.
const versions = process.argv.length > 2 ? process.argv.slice(2) : ["20.19", "22", "24", "26"];

const quick = [
  "sessions/gate",
  "operations/outbound",
  "sign-in/sign-in-request",
  "tokens/token-routes",
  "sign-out/sign-out",
];
const minutes = 60_000;

/** @returns whether all passed; null where there is no such Node */
async function tryOn(version: string): Promise<boolean | null> {
  let node: string;
  try {
    node = fetchNode(version);
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer };
    console.log(
      `Node ${version} cannot be had here, and is skipped: ${
        String(stderr ?? message)
          .trim()
          .split("\n")[0]
      }`,
    );
    return null;
  }
  console.log(`\nNode ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}`);
  // What another version has built is not what is asked about.
  rmSync(join(root, ".next/daemun-sources.sha256"), { force: true });
  const files = quick.map((name) => `e2e/integration/${name}.test.ts`);
  const { code } = await runStep({
    name: `Node ${version}`,
    program: node,
    args: ["node_modules/vitest/vitest.mjs", "run", "--project=integration", ...files],
    env: { PATH: [dirname(node), process.env.PATH].join(delimiter) },
    timeoutMs: 30 * minutes,
  });
  return code === 0;
}

onStop((signal) => process.exit(signal === "SIGINT" ? 130 : 143));

const outcomes: string[] = [];
for (const version of versions) {
  const passed = await tryOn(version);
  outcomes.push(`Node ${version}: ${passed === null ? "skipped" : passed ? "passed" : "failed"}`);
}
console.log(`\n${outcomes.join("\n")}`);
process.exit(outcomes.some((outcome) => outcome.endsWith("failed")) ? 1 : 0);
