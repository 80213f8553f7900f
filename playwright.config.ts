import { defineConfig } from "@playwright/test";
import { chromiumArguments, findChromium } from "./dev/chromium";

// Workers read this file too: what has been found once need not be looked for again.
process.env.PLAYWRIGHT_CHROMIUM ??= findChromium();

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  globalSetup: "./dev/playwright-setup.ts",
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  outputDir: "test-results",
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: process.env.PLAYWRIGHT_CHROMIUM, args: chromiumArguments },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
  projects: [{ name: "chromium" }],
});
