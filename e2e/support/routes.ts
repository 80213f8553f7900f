import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../dev/run/build";

/** Every route of the build, as an address: `[x]` stands for something. */
export function routes(): string[] {
  const manifest: Record<string, string> = JSON.parse(
    readFileSync(join(root, ".next/app-path-routes-manifest.json"), "utf8"),
  );
  return [...new Set(Object.values(manifest))].map((route) => route.replace(/\[{1,2}(?:\.\.\.)?\w+\]{1,2}/g, "x"));
}
