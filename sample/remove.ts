import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function edit(path: string, change: (text: string) => string): void {
  const file = join(root, path);
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

// `npm run sample:remove`: takes the demo's sample out of the app, and what only it needed. Nothing else names it.
edit("package.json", (text) => text.replace(/^ *"sample:remove": .*\n/m, ""));
edit("knip.json", (text) => text.replace(/^ *"[^"]*sample[^"]*",?\n/gm, ""));
edit("tsconfig.build.json", (text) => text.replace('"sample/*.ts", ', ""));
edit(".env.example", (text) => text.replace(/^# Where the sample of the demo(?:.+\n)+\n/m, ""));
// The types of routes know its pages.
for (const path of ["app/(sample)", ".next", "next-env.d.ts", "sample"])
  rmSync(join(root, path), { recursive: true, force: true });
console.log("The sample is gone. README.md still introduces it: its words are yours now.");
