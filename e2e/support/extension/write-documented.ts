import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../../dev/run/build";
import { type Block, readBlocks } from "./documented";

/** The tests that a guide shows, each in a file that its blocks' first line names. */
export interface DocumentedTests {
  blocks: readonly Block[];
  /** How many blocks of TypeScript the guide has, named or not. */
  count: number;
  /**
   * Writes those of such a path where git does not look, and answers where they are. What they import is named from there.
   */
  write(which: RegExp): string[];
}

export function documentedTests(guide: string): DocumentedTests {
  const text = readFileSync(join(root, guide), "utf8");
  const blocks = readBlocks(text);
  return {
    blocks,
    count: text.match(/^```tsx?$/gm)?.length ?? 0,
    write: (which) =>
      [...new Set(blocks.map(({ path }) => path))]
        .filter((path) => which.test(path))
        .map((path) => write(path, blocks)),
  };
}

function write(path: string, blocks: readonly Block[]): string {
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
  return pathToFileURL(target).href;
}
