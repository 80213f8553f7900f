import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./build";

interface LockEntry {
  version?: string;
  integrity?: string;
  inBundle?: boolean;
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

const lock: { packages: Record<string, LockEntry> } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const entries = Object.entries(lock.packages).filter(([path]) => path !== "");

/** Parts of one tarball, whose own integrity covers them. SECURITY.md lists them. */
const bundledIn = "node_modules/@tailwindcss/oxide-wasm32-wasi/";
const bundled = [
  "@emnapi/core",
  "@emnapi/runtime",
  "@emnapi/wasi-threads",
  "@napi-rs/wasm-runtime",
  "@tybys/wasm-util",
  "tslib",
].map((name) => `${bundledIn}node_modules/${name}`);

it("every package that npm ci takes is checked against a hash, beside those that come inside one that is", () => {
  const unchecked = entries.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"));
  expect(unchecked.map(([path]) => path).sort()).toEqual(bundled);
  expect(unchecked.every(([, { inBundle }]) => inBundle)).toBe(true);
});

it("npm ci works with every registry: the lock file names none", () => {
  expect(entries.filter(([, { resolved }]) => resolved)).toEqual([]);
});

it("npm ci works on every platform: the lock file has every binary that some package names", () => {
  const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

it("there is one @auth/core, of the version that next-auth and the adapter were made with", () => {
  const copies = entries.filter(([path]) => path.endsWith("node_modules/@auth/core"));
  expect(copies.map(([path, { version }]) => [path, version])).toEqual([["node_modules/@auth/core", "0.41.3"]]);
});
