import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { root } from "@/dev/run/build";

// An empty middleware's, built by this version of Next: `.next` of bench/baselines, whose middleware only lets pass.
const measured = { next: "16.4.6", emptyBytes: 55_877 };
const mostBytesAbove = 8 * 1024;

it("the gate loads at most 8 KB (gzip) more than a middleware that does nothing", () => {
  const { version } = JSON.parse(readFileSync(join(root, "node_modules/next/package.json"), "utf8"));
  expect(version, "measure an empty middleware of this version once more").toBe(measured.next);
  const manifest = JSON.parse(readFileSync(join(root, ".next/server/middleware-manifest.json"), "utf8"));
  const files: string[] = manifest.middleware["/"].files;
  expect(files.length).toBeGreaterThan(0);
  const sizes = files.map((file) => gzipSync(readFileSync(join(root, ".next", file)), { level: 9 }).length);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  expect(bytes - measured.emptyBytes).toBeLessThanOrEqual(mostBytesAbove);
});
