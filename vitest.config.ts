import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

// Not inherited by `extends`: each project would then start servers of its own.
const shared = {
  resolve: {
    alias: [
      // No test depends on what a developer has configured.
      { find: /^@\/daemun\.config$/, replacement: `${root}/e2e/support/daemun.config.ts` },
      { find: /^@\/daemun\.hooks$/, replacement: `${root}/e2e/support/daemun.hooks.ts` },
      { find: /^@\//, replacement: `${root}/` },
      // Outside of a React server bundle this package only throws.
      { find: /^server-only$/, replacement: `${root}/node_modules/server-only/empty.js` },
    ],
  },
  oxc: { jsx: { runtime: "automatic" as const } },
};

// What follows by itself is waited for as long as a busy machine may need.
const expectations = { poll: { timeout: 30_000, interval: 20 } };

export default defineConfig({
  ...shared,
  test: {
    globalSetup: ["dev/run/vitest-setup.ts"],
    // Two cores, and an integration test brings a whole app along.
    maxWorkers: 2,
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: ["{edge,server,ui,messages,dev,prisma,cli,app,sample,e2e/soak}/**/*.test.{ts,tsx}", "*.test.ts"],
          expect: expectations,
          testTimeout: 45_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "integration",
          include: ["e2e/integration/**/*.test.ts"],
          // Software that others wrote, which has to be there: `npm run test:field`.
          exclude: ["e2e/integration/field/**"],
          globalSetup: ["dev/run/vitest-build.ts"],
          // The files of a worker run in one process, so that they can share an app: see shareTestApp.
          isolate: false,
          expect: expectations,
          testTimeout: 90_000,
          hookTimeout: 90_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: "field",
          include: ["e2e/integration/field/**/*.test.ts"],
          globalSetup: ["dev/run/vitest-build.ts", "e2e/support/field/setup.ts"],
          // One worker, whose files share a Keycloak: see shareKeycloak.
          isolate: false,
          maxWorkers: 1,
          expect: expectations,
          testTimeout: 120_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
