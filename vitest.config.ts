import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

// Not inherited by `extends`: each project would then start servers of its own.
const shared = {
  resolve: {
    alias: [
      { find: /^@\//, replacement: `${root}/` },
      // Outside of a React server bundle this package only throws.
      { find: /^server-only$/, replacement: `${root}/node_modules/server-only/empty.js` },
    ],
  },
  oxc: { jsx: { runtime: "automatic" as const } },
};

export default defineConfig({
  ...shared,
  test: {
    globalSetup: ["dev/vitest-setup.ts"],
    // Two cores, and an integration test brings a whole app along.
    maxWorkers: 2,
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: ["{edge,server,ui,messages,dev,prisma,cli,app}/**/*.test.{ts,tsx}", "*.test.ts"],
          testTimeout: 15_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "integration",
          include: ["e2e/integration/**/*.test.ts"],
          globalSetup: ["dev/vitest-build.ts"],
          testTimeout: 60_000,
          hookTimeout: 90_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
