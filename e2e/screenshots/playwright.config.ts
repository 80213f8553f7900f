import { defineConfig } from "@playwright/test";
import config from "../../playwright.config";

/** `npm run screenshots`: no tests, but pictures of every page. */
export default defineConfig({
  ...config,
  testDir: ".",
  testMatch: ["take.ts"],
  testIgnore: [],
  globalSetup: "../../dev/run/playwright-setup.ts",
  outputDir: "../../test-results",
});
