import { expect, it } from "vitest";
import { findMissing, readLockFile } from "./lock-file";

it("npm ci works on every platform: the lock file names every binary that some package names (else: npm run lock)", () => {
  expect(findMissing(readLockFile()).map(({ name }) => name)).toEqual([]);
});

it("there is one @auth/core, of the version that next-auth and the adapter were made with", () => {
  const copies = Object.entries(readLockFile().packages).filter(([path]) => path.endsWith("node_modules/@auth/core"));
  expect(copies.map(([path, { version }]) => [path, version])).toEqual([["node_modules/@auth/core", "0.41.3"]]);
});
