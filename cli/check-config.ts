import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

// What `next build` does first (next.config.mjs): a configuration that could never start is not built. Its file is named on
// the command line, as the sample and the tests have their own.
const [file = "daemun.config.ts"] = process.argv.slice(2);
const { default: config } = await import(pathToFileURL(resolve(file)).href);
const { checkConfig } = await import("../server/settings/check-config");
const faults = checkConfig(config);
if (faults.length > 0) {
  console.error(`Daemun is not built:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  process.exitCode = 1;
}
