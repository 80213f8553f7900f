import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { goldenVersions, releasedVersions } from "../e2e/golden/golden";

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "..", name), "utf8"));
const { version } = read("package.json") as { version: string };

it("the version in package.json comes next: it is not released yet, and the lock file has the same", () => {
  expect(releasedVersions()).not.toContain(version);
  expect([read("package-lock.json").version, read("package-lock.json").packages[""].version]).toEqual([
    version,
    version,
  ]);
});

it("golden files are there for the version that comes next, and for each that was released since they are written", () => {
  const [newest = "", ...former] = goldenVersions().reverse();
  expect(newest).toBe(version);
  // 0.1.0 was released before there were any.
  expect(former).toEqual(releasedVersions().filter((released) => released !== "0.1.0"));
});
