import { stripVTControlCharacters } from "node:util";

/** Code in a document, with the path that its first line names. */
export interface Block {
  path: string;
  lines: Line[];
}

interface Line {
  text: string;
  /** The document's line that says it, from 1; null where it is not the document's. */
  at: number | null;
}

/** A file of the app that the document's blocks make, or are put into. */
export interface DocumentedFile {
  path: string;
  lines: Line[];
}

const configuration = "daemun.config.ts";

/** The blocks of a Markdown text whose first line is `// <path of a source file>`, a remark after it or not. */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Line[] | null = null;
  for (const [index, text] of markdown.split("\n").entries()) {
    if (!text.startsWith("```")) {
      open?.push({ text, at: index + 1 });
    } else if (open === null) {
      open = [];
    } else {
      const [first, ...lines] = open;
      const path = /^\/\/ ([\w./[\]-]+\.tsx?)\b/.exec(first?.text ?? "")?.[1];
      if (path !== undefined) blocks.push({ path, lines });
      open = null;
    }
  }
  return blocks;
}

/**
 * The files that the blocks make. Blocks of one path are one file, in their order. What is said of `daemun.config.ts` goes
 * into `config`: below its own line, where the block leaves the bracket open. What says everything that belongs into its
 * brackets would take the place of what the app has; it is only compiled, in a file of its own.
 *
 * @throws Error where a block speaks of what `config` has no line for
 */
export function layOut(blocks: readonly Block[], config: string): DocumentedFile[] {
  let configured: Line[] = config.split("\n").map((text) => ({ text, at: null }));
  const files = new Map<string, Line[]>();
  for (const { path, lines } of blocks) {
    if (path !== configuration) files.set(path, [...(files.get(path) ?? []), ...lines]);
    else if (isOpen(lines)) configured = insert(configured, lines);
    else files.set(`app/_documented/line-${lines[0]?.at}.ts`, whole(lines));
  }
  return [...files, [configuration, configured] as const].map(([path, lines]) => ({ path, lines: [...lines] }));
}

function isOpen(lines: readonly Line[]): boolean {
  return !lines.some(({ text }) => /^[\]}]/.test(text));
}

function insert(config: readonly Line[], [first, ...rest]: readonly Line[]): Line[] {
  const place = config.findIndex(({ text }) => text === `  ${first?.text}`);
  if (place === -1) throw new Error(`daemun.config.ts has no line ${first?.text} (line ${first?.at} of the document).`);
  const inserted = rest.map(({ text, at }) => ({ text: `  ${text}`, at }));
  return [...config.slice(0, place + 1), ...inserted, ...config.slice(place + 1)];
}

function whole(lines: readonly Line[]): Line[] {
  const ours = (text: string) => ({ text, at: null });
  return [
    ours('import daemun from "@/daemun.config";'),
    ours('import { defineConfig } from "@/edge/config";'),
    ours("export const documented = defineConfig({ ...daemun,"),
    ...lines,
    ours("});"),
  ];
}

/** The lines of the document that a build complains about, be it the compiler's `path(line,column)` or Next's `./path:line:column`. */
export function inDocument(complaint: string, files: readonly DocumentedFile[]): number[] {
  const places = stripVTControlCharacters(complaint).matchAll(/(?:\.\/)?(\w[\w./[\]-]*\.tsx?)[(:](\d+)[,:]\d+/g);
  const lines = [...places].map(
    ([, path, line]) => files.find((file) => file.path === path)?.lines[Number(line) - 1]?.at ?? null,
  );
  return [...new Set(lines.filter((line) => line !== null))];
}
