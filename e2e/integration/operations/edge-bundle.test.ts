import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { buildVariant, root } from "@/dev/run/build";

// Of a middleware that lets everything pass (bench/baselines/shared), in a build by this version of Next.
const measured = { next: "16.4.6", emptyBytes: 55_877 };
const mostBytesAbove = 8 * 1024;

const gzipped = (data: string | Buffer) => gzipSync(data, { level: 9 }).length;

it("the gate loads at most 8 KB (gzip) more than a middleware that does nothing", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "node_modules/next/package.json"), "utf8"));
  expect(version, "measure an empty middleware of this version once more").toBe(measured.next);
  const manifest = JSON.parse(readFileSync(join(root, ".next/server/middleware-manifest.json"), "utf8"));
  const files: string[] = manifest.middleware["/"].files;
  const bytes = files.reduce((sum, file) => sum + gzipped(readFileSync(join(root, ".next", file))), 0);
  expect(bytes).toBeGreaterThan(measured.emptyBytes);
  // The tests are built with a longer configuration than the one that ships.
  const more = (await configurationBytes(buildVariant("tests").DAEMUN_CONFIG)) - (await configurationBytes());
  expect(bytes - more - measured.emptyBytes).toBeLessThanOrEqual(mostBytesAbove);
});

async function configurationBytes(path = "./daemun.config.ts"): Promise<number> {
  return gzipped(JSON.stringify((await import(join(root, path))).default));
}
