import { runStep } from "../process/run-step";
import { onStop } from "../process/stop-signals";
import { buildForProduction, buildVariant } from "./build";

// `npm run screenshots`: every page in both languages, light and dark, on a phone and on a desktop, below .data/screenshots.
onStop((signal) => process.exit(signal === "SIGINT" ? 130 : 143));
await buildForProduction(buildVariant("tests"));
const { code } = await runStep({
  name: "Screenshots",
  args: ["node_modules/@playwright/test/cli.js", "test", "--config=e2e/screenshots/playwright.config.ts"],
  timeoutMs: 30 * 60_000,
});
if (code === 0) console.log("\nThe pictures are in .data/screenshots/<language>/<scheme>/<size>.");
process.exit(code);
