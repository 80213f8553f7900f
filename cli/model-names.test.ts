import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { invariantsOf } from "../e2e/support/field/model";

const root = join(import.meta.dirname, "..");

it("every invariant of the model is checked, and names a test that shows it of the app", () => {
  const model = readFileSync(join(root, "docs/model/lease.als"), "utf8");
  const named = invariantsOf(model);
  const asserted = [...model.matchAll(/^assert (\w+) /gm)].map(([, name]) => name);
  const checked = [...model.matchAll(/^check (\w+) /gm)].map(([, name]) => name);
  expect(named.map(({ name }) => name)).toEqual(asserted);
  expect([...checked].sort()).toEqual([...asserted].sort());
  expect(named.length).toBeGreaterThan(3);
  for (const { file, test } of named) expect(readFileSync(join(root, file), "utf8"), file).toContain(`"${test}"`);
});
