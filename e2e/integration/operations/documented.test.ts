import { expect, it } from "vitest";
import { documentedTests } from "../../support/extension/write-documented";

// The tests for Vitest that docs/testing.md shows, as they stand there.

const files = documentedTests("docs/testing.md").write(/\.test\.ts$/);

it("the guide to testing shows a test for Vitest, which is run here", () => {
  expect(files).toHaveLength(1);
});

for (const file of files) await import(file);
