import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const folders = ["app", "edge", "server", "ui", "messages", "dev", "cli", "e2e", "bench"];
const development = ["dev", "cli", "bench", "e2e"];

// Beside these, everything may import from its own layer, and read daemun.config.ts and edge/.
const rules: Record<string, readonly string[]> = {
  app: ["server", "ui", "messages"],
  edge: [],
  ui: ["messages"],
  middleware: [],
  "daemun.config": [],
  instrumentation: ["server"],
  // The files right in server/: the environment and what it is made of.
  "server/settings": [],
  // What the whole server does once, before the first request.
  "server/start": ["server"],
  "server/http": ["server/settings", "messages"],
  "server/oidc": ["server/settings", "server/http"],
  "server/db": ["server/settings", "server/http", "prisma/generated"],
  "server/audit": ["server/settings", "server/http", "server/db", "prisma/generated"],
  "server/tokens": ["server/oidc", "server/audit", "server/db", "server/settings", "server/http", "prisma/generated"],
  "server/sessions": [
    "server/tokens",
    "server/oidc",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
  "server/auth": [
    "server/sessions",
    "server/tokens",
    "server/oidc",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
  "server/services": [
    "server/sessions",
    "server/tokens",
    "server/oidc",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
};

/** A source file's path from the root, what it imports of ours (as such paths), and its text. */
export interface SourceFile {
  path: string;
  imports: string[];
  text: string;
}

/** Every source file of ours that is no test, with its imports resolved. */
export function readSources(): SourceFile[] {
  const top = readdirSync(root).filter((name) => /\.(?:ts|mjs)$/.test(name));
  const paths = [...top, ...folders.flatMap((folder) => filesBelow(folder))];
  return paths
    .filter((path) => /\.(?:tsx?|mjs)$/.test(path) && !/\.(?:test|d)\.tsx?$/.test(path))
    .map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      const { importedFiles } = ts.preProcessFile(text, true, true);
      return { path, text, imports: importedFiles.flatMap(({ fileName }) => resolveImport(path, fileName) ?? []) };
    });
}

/** What breaks the rules of docs/architecture.md, one sentence each, the file first. */
export function findViolations(files: readonly SourceFile[]): string[] {
  const reached = reach("middleware.ts", files).filter(
    (path) => !/^(?:edge\/|(?:middleware|daemun\.config)\.ts$)/.test(path),
  );
  return [
    ...files.flatMap((file) => [...importFaults(file), ...textFaults(file)]),
    ...reached.map(
      (path) => `middleware.ts: reaches ${path}. It runs at the edge: only edge/ and daemun.config.ts do.`,
    ),
  ];
}

/** Every file that `start` imports, directly or not, itself included. */
export function reach(start: string, files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const open = [start];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    open.push(...(byPath.get(path)?.imports ?? []));
  }
  return [...seen].sort();
}

function importFaults({ path, imports }: SourceFile): string[] {
  const from = layerOf(path);
  const allowed = rules[from];
  // Tools and tests may look at everything.
  if (!allowed) return [];
  return imports.flatMap((target) => {
    const to = layerOf(target);
    const permitted =
      to === from ||
      to === "edge" ||
      to === "daemun.config" ||
      allowed.some((layer) => to === layer || to.startsWith(`${layer}/`));
    return permitted ? [] : [`${path}: imports ${target}, and ${from} may not import ${to}.`];
  });
}

function textFaults({ path, text }: SourceFile): string[] {
  const faults: string[] = [];
  if (path.startsWith("server/") && !text.startsWith('import "server-only";')) {
    faults.push(`${path}: does not begin with \`import "server-only"\`.`);
  }
  if (/^\s*["']use server["']/m.test(text) && !/(?:^|\/)actions\.ts$/.test(path)) {
    faults.push(`${path}: says 'use server'. Server actions live in files named actions.ts.`);
  }
  // These two are constants of the bundle, not of the environment.
  const reads = /process\.env(?!\.(?:NODE_ENV|NEXT_RUNTIME)\b)/.test(text);
  const reader = /^(?:server\/env\.ts|middleware\.ts|instrumentation\.ts|[^/]+\.config\.\w+)$/;
  if (reads && !reader.test(path) && !development.includes(layerOf(path))) {
    faults.push(`${path}: reads process.env. On the server only server/env.ts does.`);
  }
  return faults;
}

function layerOf(path: string): string {
  const [first = "", second = "", third] = path.split("/");
  if (path === "server/start.ts") return "server/start";
  if (first === "server") return third === undefined ? "server/settings" : `server/${second}`;
  if (first === "prisma" && second === "generated") return "prisma/generated";
  return second === "" ? first.replace(/\.\w+$/, "") : first;
}

function resolveImport(from: string, specifier: string): string | undefined {
  if (!/^(?:\.|@\/)/.test(specifier)) return undefined;
  const base = specifier.startsWith("@/") ? join(root, specifier.slice(2)) : resolve(root, dirname(from), specifier);
  const found = ["", ".ts", ".tsx", ".mjs", "/index.ts", "/index.tsx"]
    .map((end) => base + end)
    .find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
  // One that does not resolve is the compiler's to report; its place still counts.
  return relative(root, found ?? base).replaceAll("\\", "/");
}

function filesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const violations = findViolations(readSources());
  console.log(violations.join("\n") || "Imports point one way.");
  process.exitCode = violations.length > 0 ? 1 : 0;
}
