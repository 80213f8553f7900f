import { expect, test } from "./fixtures/test";
import { documentedTests } from "./support/extension/write-documented";

// The tests that docs/testing.md and docs/tasks.md show, as they stand there: a block goes into the file that its first line names. What says
// `test.use` has a file of its own, documented-services.spec.ts, and those of Vitest are run by
// e2e/integration/operations/documented.test.ts.

const guide = documentedTests("docs/testing.md");

test("the guide to testing shows no code that is not run here", () => {
  expect(guide.blocks.length).toBeGreaterThan(3);
  expect(guide.count).toBe(guide.blocks.length);
  for (const { path } of guide.blocks) expect(path).toMatch(/\.(?:spec|test)\.ts$/);
});

const tasks = documentedTests("docs/tasks.md");
for (const file of [...guide.write(/(?<!\/stand-in)\.spec\.ts$/), ...tasks.write(/\.spec\.ts$/)]) await import(file);
