import { readFileSync } from "node:fs";
import { join } from "node:path";
import { blobOf, mergeThree, readBlob } from "./git";
import { addressOf, type Host } from "./host";
import { insideOf } from "./inside";
import { type Merged, mergeManifest, mergeMessages, mergeTsconfig } from "./merge-manifest";
import { mergeSchema } from "./merge-schema";
import { mergeIgnored, mergeLayout, mergeNextConfig, mergeSheet } from "./merge-source";
import { type AdoptionRecord, basePath, readRecord, recordPath } from "./record";
import { besideOwnMiddleware, type Part, shippedFiles } from "./shipped";

export interface Change {
  kind: "add" | "update" | "merge" | "replace" | "delete";
  path: string;
  /** Null for a file that goes. */
  content: Buffer | null;
}

export interface Plan {
  changes: Change[];
  /** What keeps a first run from writing anything: a file that is there already, and nobody said what shall become of it. */
  undecided: string[];
  /** What is left to the developer, in sentences. */
  left: string[];
  /** What a later run knows this one by. */
  record: AdoptionRecord;
}

export interface PlanOptions {
  /** The version that is brought: its repository. */
  root: string;
  without: readonly Part[];
  /** Files, packages and models of the app that Daemun's may take the place of. */
  replace: readonly string[];
  /** Files of the app that stay, whatever Daemun has under this name. */
  keep: readonly string[];
}

interface Work extends PlanOptions {
  host: Host;
  before: AdoptionRecord | null;
  plan: Plan;
}

const hints: Record<string, string> = {
  "auth.ts": "Daemun's pages and yours import from it: what you need of yours goes elsewhere first.",
  "instrumentation.ts": 'With --keep, have its register() call (await import("@/server/start")).startServer() on Node.',
  "prisma.config.ts": "With --keep, it has to read prisma/schema.prisma and prisma/migrations.",
};

// Daemun's pages are made of its exports, so that a build with another one in its place fails.
const irreplaceable = new Set(["auth.ts"]);

/**
 * What a run would do, without doing it.
 *
 * @throws AdoptError where something would be read, written or deleted that is not in the app's folder
 */
export function makePlan(host: Host, options: PlanOptions): Plan {
  const before = readRecord(host);
  const ours = JSON.parse(readFileSync(join(options.root, "package.json"), "utf8"));
  const without = before ? before.without : options.without;
  const keep = [...new Set([...(before?.kept ?? []), ...options.keep])].filter(
    (path) => !options.replace.includes(path),
  );
  const record: AdoptionRecord = {
    version: ours.version,
    without: [...without],
    kept: keep,
    files: {},
    dependencies: {},
  };
  const work: Work = { ...options, keep, host, before, plan: { changes: [], undecided: [], left: [], record } };
  const files = shippedFiles(options.root, host, { without, middleware: takesMiddleware(work) });
  for (const [path, content] of files) planFile(work, path, content);
  for (const path of Object.keys(before?.files ?? {}).filter((path) => !files.has(path))) planRemoval(work, path);
  planAddresses(work, [...files.keys()]);
  planShadows(work, [...files.keys()]);
  planMerges(work, ours);
  const bases = new Set(Object.values(record.files).map(basePath));
  for (const path of host.list(".daemun/base")) if (!bases.has(path)) add(work, "delete", path, null);
  const text = `${JSON.stringify(record, null, 2)}\n`;
  if (host.read(recordPath) !== text) add(work, host.has(recordPath) ? "update" : "add", recordPath, Buffer.from(text));
  for (const { path } of work.plan.changes) insideOf(host.folder, path);
  return work.plan;
}

function add({ plan }: Work, kind: Change["kind"], path: string, content: Buffer | null): void {
  plan.changes.push({ kind, path, content });
}

function takesMiddleware(work: Work): boolean {
  const { host, before, replace, plan } = work;
  const own = ["middleware.ts", "middleware.js", "proxy.ts", "proxy.js"].map((name) => `${host.beside}${name}`);
  if (before) return before.files[`${host.beside}${besideOwnMiddleware}`] === undefined;
  const there = own.find(host.has);
  if (!there) return true;
  if (replace.includes(there)) {
    // Next builds no app that has both.
    if (there !== `${host.beside}middleware.ts`) add(work, "delete", there, null);
    return true;
  }
  plan.left.push(
    `${there} is yours, and Daemun's gate lies beside it in ${besideOwnMiddleware}. Begin yours with \`const answer = await gate(request)\`, return the answer unless its header x-middleware-next is "1", and keep its other headers. Or --replace ${there}.`,
  );
  return false;
}

function planFile(work: Work, path: string, content: Buffer): void {
  const { host, before, plan, replace, keep } = work;
  const blob = blobOf(content);
  const known = before?.files[path];
  const own = host.readBytes(path);
  const mayStay = before !== null || !irreplaceable.has(path);
  if (keep.includes(path) && mayStay) return;
  plan.record.files[path] = blob;
  if (!own) {
    if (known === undefined) return void add(work, "add", path, content);
    if (known !== blob) plan.left.push(`${path}: you have deleted it, and this version has changed it.`);
    plan.record.files[path] = known;
    return;
  }
  const ownBlob = blobOf(own);
  if (ownBlob === blob) return;
  if (known === undefined) return void planKnownNowhere(work, path, content, own);
  if (ownBlob === known) return void add(work, "update", path, content);
  if (replace.includes(path)) return void add(work, "replace", path, content);
  if (known === blob) return;
  const base = findBase(work, known);
  const merged = base && !own.includes(0) ? mergeThree(own, base, content) : null;
  if (merged) {
    add(work, "merge", path, merged);
    // What this version has is nowhere in the app: a later merge begins from it.
    add(work, "add", basePath(blob), content);
    return;
  }
  plan.record.files[path] = known;
  plan.left.push(`${path}: you and this version have changed the same lines. Yours is left as it is.`);
}

function planKnownNowhere(work: Work, path: string, content: Buffer, own: Buffer): void {
  const { plan, replace } = work;
  if (replace.includes(path)) return void add(work, "replace", path, content);
  const merged = mergeOwn(work, path, own.toString(), content.toString());
  if (merged) {
    delete plan.record.files[path];
    plan.left.push(...merged.left);
    if (merged.text !== own.toString()) add(work, "merge", path, Buffer.from(merged.text));
    return;
  }
  delete plan.record.files[path];
  const hint = hints[path.replace(/^src\//, "")];
  const choice = irreplaceable.has(path) ? "" : `, or --keep ${path}`;
  plan.undecided.push(`${path} is there already. --replace ${path}${choice}.${hint ? ` ${hint}` : ""}`);
}

/** A file that an app may have had before, and that can be both. */
function mergeOwn({ replace }: Work, path: string, own: string, ours: string): Merged | null {
  if (path === "prisma/schema.prisma") return mergeSchema(own, ours, replace);
  if (/^messages\/\w+\.json$/.test(path)) return mergeMessages(own, ours, path);
  // It says nothing by itself, and an app that has one has Tailwind in it.
  if (path === "postcss.config.mjs") {
    const hasTailwind = own.includes("@tailwindcss/postcss");
    return { text: own, left: hasTailwind ? [] : [`${path} has to load @tailwindcss/postcss.`] };
  }
  return path === ".env.example" ? { text: own, left: [] } : null;
}

/** The content that a former run wrote, wherever it still is. */
function findBase({ host, root }: Work, blob: string): Buffer | null {
  return host.readBytes(basePath(blob)) ?? readBlob(host.folder, blob) ?? readBlob(root, blob);
}

function planRemoval(work: Work, path: string): void {
  const { host, before, plan } = work;
  const own = host.readBytes(path);
  if (!own) return;
  if (blobOf(own) === before?.files[path]) return void add(work, "delete", path, null);
  plan.left.push(`${path}: this version has it no more. You have changed it, so it stays.`);
}

/** Two files that answer one address do not build. */
function planAddresses(work: Work, shipped: readonly string[]): void {
  const { host, plan, replace } = work;
  const own = new Set(shipped);
  const addresses = new Set(shipped.map((path) => addressOf(path, host.app)).filter((address) => address !== null));
  for (const path of host.list(host.app)) {
    const address = addressOf(path, host.app);
    if (address === null || own.has(path) || !addresses.has(address)) continue;
    if (plan.changes.some((change) => change.path === path && change.kind === "delete")) continue;
    if (replace.includes(path)) add(work, "delete", path, null);
    else plan.undecided.push(`${path} answers ${address}, as Daemun does. --replace ${path} deletes yours.`);
  }
}

/** In an app with `src/`, `@/…` means a file there before one of ours: it would be imported in our place. */
function planShadows(work: Work, shipped: readonly string[]): void {
  const { host, plan, replace } = work;
  if (!host.app.startsWith("src/")) return;
  const isImported = (path: string) => /\.tsx?$/.test(path) && !path.startsWith("src/");
  for (const path of shipped.filter(isImported)) {
    const own = `src/${path}`;
    if (!host.has(own)) continue;
    if (replace.includes(own)) add(work, "delete", own, null);
    else
      plan.undecided.push(
        `${own} is found in place of ${path} by "@/…". --replace ${own} deletes yours; else rename it.`,
      );
  }
}

/** What Daemun needs of files that are the app's own. */
function planMerges(work: Work, ours: Parameters<typeof mergeManifest>[1]): void {
  const { host, before, plan, replace } = work;
  const merge = (path: string | undefined, change: (text: string) => string) => {
    const text = path === undefined ? null : host.read(path);
    if (path === undefined || text === null) return;
    const merged = change(text);
    if (merged !== text) add(work, "merge", path, Buffer.from(merged));
  };
  const noting = (merged: Merged) => {
    plan.left.push(...merged.left);
    return merged.text;
  };
  merge("package.json", (text) => {
    const merged = mergeManifest(text, ours, { brought: before?.dependencies ?? {}, replace });
    plan.record.dependencies = merged.brought;
    return noting(merged);
  });
  merge("tsconfig.json", (text) => noting(mergeTsconfig(text)));
  merge(".gitignore", mergeIgnored);
  if (host.tailwindSheet) merge(host.tailwindSheet, (text) => mergeSheet(text, host.tailwindSheet as string));
  merge([`${host.app}/layout.tsx`, `${host.app}/layout.js`].find(host.has), mergeLayout);
  const config = ["next.config.ts", "next.config.mjs", "next.config.js"].find(host.has);
  if (config) merge(config, (text) => noting(mergeNextConfig(text, config)));
  else {
    const text = 'import { withDaemun } from "./cli/with-daemun.mjs";\n\nexport default withDaemun();\n';
    add(work, "add", "next.config.mjs", Buffer.from(text));
  }
}
