import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

const folders = ["app", "edge", "server", "ui", "messages", "dev", "cli", "e2e", "bench"];
const development = ["dev", "cli", "bench", "e2e"];

// What we ship below app/. The rest is a developer's, or stands for it: the sample, and the pages of the tests.
const shipped = [
  ..."(public) (account) (admin) _components .well-known healthz readyz".split(" "),
  ..."account admin auth connect cron denied locale me oidc services session theme tokens"
    .split(" ")
    .map((name) => `api/${name}`),
];
const ownPages = "a page of an app's own";

// Beside these, everything may import from its own layer, and read daemun.config.ts and edge/.
const rules: Record<string, readonly string[]> = {
  app: ["auth", "server", "ui", "messages", ownPages],
  auth: ["server"],
  edge: [],
  ui: ["messages"],
  middleware: [],
  "daemun.config": [],
  // An app's own code, which may use what its pages may.
  "daemun.hooks": ["auth", ownPages],
  instrumentation: ["server"],
  // The environment, and what it is made of.
  "server/settings": ["prisma/database-address", "messages"],
  // Spans and counts, of which everything on the server may tell.
  "server/telemetry": ["server/settings"],
  // What the whole server does once, before the first request.
  "server/start": ["server"],
  "server/http": ["server/telemetry", "server/settings", "messages"],
  "server/oidc": ["server/telemetry", "server/settings", "server/http"],
  "server/db": ["server/telemetry", "server/settings", "server/http", "prisma/database-address", "prisma/generated"],
  "server/audit": ["server/telemetry", "server/settings", "server/http", "server/db", "prisma/generated"],
  "server/limits": [
    "server/telemetry",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
  "server/tokens": [
    "server/telemetry",
    "daemun.hooks",
    "server/oidc",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
  "server/sessions": [
    "server/telemetry",
    "daemun.hooks",
    "server/limits",
    "server/tokens",
    "server/oidc",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
  "server/auth": [
    "server/telemetry",
    "daemun.hooks",
    "server/sessions",
    "server/limits",
    "server/tokens",
    "server/oidc",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
  // What this app says in its own name, and the keys for it.
  "server/signing": [
    "server/telemetry",
    "server/tokens",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
  // What happened is told to the app's own code, and to its webhook.
  "server/webhooks": [
    "server/telemetry",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
  "server/hooks": [
    "daemun.hooks",
    "server/telemetry",
    "server/webhooks",
    "server/sessions",
    "server/audit",
    "server/http",
  ],
  // What is done to a whole account, by its user, an administrator or an operator.
  "server/accounts": [
    "server/telemetry",
    "server/webhooks",
    "server/auth",
    "server/services",
    "server/sessions",
    "server/limits",
    "server/tokens",
    "server/oidc",
    "server/audit",
    "server/db",
    "server/settings",
    "server/http",
    "prisma/generated",
  ],
  // Users of another app's database are copied: only a command reaches it.
  "server/import": [
    "server/accounts",
    "server/services",
    "server/sessions",
    "server/tokens",
    "server/oidc",
    "server/audit",
    "server/db",
    "server/settings",
    "prisma/database-address",
    "prisma/generated",
  ],
  // What pages and an app's own code begin a sign-in or a sign-out with: forms, and server actions.
  "server/forms": ["ui", "server/auth", "server/sessions", "server/settings", "server/http"],
  // It looks at everything, and only pages and commands look at it.
  "server/doctor": ["server", "messages", "prisma/generated"],
  // What administrators see and do: only pages, routes and commands reach it.
  "server/administration": ["server", "prisma/generated"],
  "server/services": [
    "server/telemetry",
    "server/sessions",
    "server/limits",
    "server/signing",
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

/** What breaks the rules of docs/reference.md, one sentence each, the file first. */
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

/**
 * Every file that is loaded as `start` is: what it imports, directly or not, but for types, and for what a function imports when
 * it is called.
 */
export function loadedWith(start: string, files: readonly SourceFile[]): string[] {
  const loaded = files.map(({ path, text, imports }) => {
    const { importedFiles } = ts.preProcessFile(loadedText(text), true, true);
    const atOnce = new Set(importedFiles.map(({ fileName }) => resolveImport(path, fileName)));
    return { path, text, imports: imports.filter((target) => atOnce.has(target)) };
  });
  return reach(start, loaded);
}

/** A file's text without what does not load with it. */
function loadedText(text: string): string {
  return text.replace(/^(?:import|export) type\b[^;]*;/gm, "").replace(/\bimport\(\s*"[^"]*"\s*\)/g, "null");
}

function importFaults({ path, imports }: SourceFile): string[] {
  const from = layerOf(path);
  if (from === ownPages) return imports.flatMap((target) => ownPageFault(path, target) ?? []);
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

// The codes of errors are read in the browser as well, where auth.ts cannot be.
function ownPageFault(path: string, target: string): string | undefined {
  const to = layerOf(target);
  if ([ownPages, "auth", "ui", "daemun.config"].includes(to) || target === "edge/error-codes.ts") return undefined;
  return `${path}: imports ${target}, which may move. A page of your own imports from "@/auth" (docs/extending.md), "@/ui/…", "@/daemun.config", "@/edge/error-codes", packages and its own files. Should this folder be part of Daemun itself, name it in dev/run/import-graph.ts.`;
}

function textFaults({ path, text }: SourceFile): string[] {
  const faults: string[] = [];
  if (
    /^(?:server\/|(?:auth|daemun\.hooks)\.ts$)/.test(path) &&
    !text.replace(/^"use server";\n+/, "").startsWith('import "server-only";')
  ) {
    faults.push(`${path}: does not begin with \`import "server-only"\`.`);
  }
  const isSchema = /-(?:schema|parts)\.ts$/.test(path);
  if (path.startsWith("edge/") && !isSchema && /^import (?!type\b)[^;]*\/[\w-]+-(?:schema|parts)"/m.test(text)) {
    faults.push(
      `${path}: imports a schema of the configuration as more than types. The middleware carries no validator.`,
    );
  }
  if (/^\s*["']use server["']/m.test(text) && !/(?:^|\/)actions\.ts$/.test(path)) {
    faults.push(`${path}: says 'use server'. Server actions live in files named actions.ts.`);
  }
  if (/^(?:edge|server|ui)\//.test(path) && /^export (?:type )?(?:\*|\{[^}]*\}) from /m.test(text)) {
    faults.push(`${path}: re-exports. Only auth.ts does.`);
  }
  // These two are constants of the bundle, not of the environment.
  const reads = /process\.env(?!\.(?:NODE_ENV|NEXT_RUNTIME)\b)/.test(text);
  const reader = /^(?:server\/settings\/env\.ts|middleware\.ts|instrumentation\.ts|[^/]+\.config\.\w+)$/;
  if (reads && !reader.test(path) && !development.includes(layerOf(path))) {
    faults.push(`${path}: reads process.env. On the server only server/settings/env.ts does.`);
  }
  return faults;
}

function layerOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  if (path.startsWith("e2e/support/extension/app/")) return ownPages;
  const isShipped = second.includes(".") || shipped.some((folder) => path.startsWith(`app/${folder}/`));
  if (first === "app" && !isShipped) return ownPages;
  if (path === "server/start.ts") return "server/start";
  if (first === "server") return `server/${second}`;
  if (first === "prisma") return `prisma/${second.replace(/\.\w+$/, "")}`;
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
