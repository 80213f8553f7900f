import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "./fixtures/test";
import { readBlocks } from "./support/extension/documented";

// The tests that docs/testing.md shows, as they stand there: a block goes into the file that its first line names.

const root = join(import.meta.dirname, "..");
const guide = readFileSync(join(root, "docs/testing.md"), "utf8");
const blocks = readBlocks(guide);

/** Writes a file of the guide where git does not look. What it imports is named from there. */
function write(path: string): string {
  const target = join(root, ".data/documented", path);
  const text = blocks
    .filter((block) => block.path === path)
    .flatMap(({ lines }) => lines.map((line) => line.text))
    .join("\n");
  const moved = text.replace(/(?<= from ")\.{1,2}\/[^"]+/g, (imported) =>
    relative(dirname(target), join(root, dirname(path), imported)),
  );
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, moved);
  return target;
}

test("the guide to testing shows no code that is not run here", () => {
  expect(blocks.length).toBeGreaterThan(3);
  expect(guide.match(/^```tsx?$/gm)).toHaveLength(blocks.length);
});

for (const path of new Set(blocks.map((block) => block.path))) await import(pathToFileURL(write(path)).href);
