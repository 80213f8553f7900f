import { defineConfig } from "@playwright/test";
import { chromiumArguments, findChromium } from "./dev/run/chromium";

// Workers read this file too: what has been found once need not be looked for again.
process.env.PLAYWRIGHT_CHROMIUM ??= findChromium();

export default defineConfig({
  testMatch: ["**/e2e/*.spec.ts"],
  testIgnore: ["**/.data/**", "**/.next/**"],
  globalSetup: "./dev/run/playwright-setup.ts",
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: "list",
  outputDir: "test-results",
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: process.env.PLAYWRIGHT_CHROMIUM, args: chromiumArguments },
    // Recording costs every test as much again: asked for, where a failure has to be looked into.
    trace: process.env.TRACE ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
  },
  projects: [{ name: "chromium" }],
});
