import { existsSync, readdirSync, readFileSync } from "node:fs";
import { AdoptError, insideOf } from "./inside";

/** An app that Daemun is brought into. Paths are from its folder, with `/`; one that leaves it throws an AdoptError. */
export interface Host {
  folder: string;
  /** `app`, or `src/app`. */
  app: string;
  /** Where `middleware.ts` and `instrumentation.ts` belong: empty, or `src/`. */
  beside: string;
  /** The style sheet that imports Tailwind 4, or null. */
  tailwindSheet: string | null;
  read(path: string): string | null;
  readBytes(path: string): Buffer | null;
  has(path: string): boolean;
  /** All files below a folder, none through a symbolic link; none where it is not there. */
  list(folder: string): string[];
}

/** @throws AdoptError where this is no app that Daemun can be brought into */
export function readHost(folder: string): Host {
  const has = (path: string) => existsSync(insideOf(folder, path));
  const readBytes = (path: string) => (has(path) ? readFileSync(insideOf(folder, path)) : null);
  const read = (path: string) => readBytes(path)?.toString("utf8") ?? null;
  const list = (below: string) => (has(below) ? filesBelow(folder, below).sort() : []);
  const manifest = JSON.parse(read("package.json") ?? "{}") as { dependencies?: Record<string, string> };
  if (!manifest.dependencies?.next) throw new AdoptError("Its package.json names no next: it is no Next.js app.");
  const app = ["src/app", "app"].find(has);
  if (!app) throw new AdoptError("It has neither app/ nor src/app/: Daemun needs the app router.");
  if (!has("tsconfig.json")) throw new AdoptError("It has no tsconfig.json: Daemun is written in TypeScript.");
  // Not the one that a former run brought.
  const sheets = list(app).filter((path) => path.endsWith(".css") && !path.startsWith(`${app}/(daemun)/`));
  const tailwindSheet = sheets.find((path) => /@import\s+["']tailwindcss["']/.test(read(path) ?? "")) ?? null;
  return { folder, app, beside: app === "app" ? "" : "src/", tailwindSheet, read, readBytes, has, list };
}

// Node's own recursive reading follows symbolic links in some of its versions.
function filesBelow(folder: string, below: string): string[] {
  return readdirSync(insideOf(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = `${below}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(folder, path);
    return entry.isFile() ? [path] : [];
  });
}

/** The address that a page or route handler answers, dynamic segments without their names; null for any other file. */
export function addressOf(path: string, app: string): string | null {
  const match = new RegExp(`^${app}/(?:(.*)/)?(?:page|route)\\.[jt]sx?$`).exec(path);
  if (!match) return null;
  const segments = (match[1] ?? "").split("/").filter((segment) => segment !== "" && !/^\(.*\)$/.test(segment));
  return `/${segments.map((segment) => segment.replace(/^(\[+(?:\.\.\.)?)[^\]]+/, "$1")).join("/")}`;
}
