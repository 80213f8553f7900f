import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "@/dev/run/build";

/** The parts of a V8 profile (`.cpuprofile`) that are read here. */
interface Profile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number };
  }[];
  samples: number[];
  /** Microseconds. */
  timeDeltas: number[];
}

/** Milliseconds that were spent in a thing itself, not in what it called, by its name. The longest first. */
export type SelfTimes = [name: string, ms: number][];

/**
 * Reads a profile of an app, and says where the time went.
 *
 * @param file a `.cpuprofile`
 * @returns by module (a file of the repository, or of a package), by package (or folder), and by function; idle time left out
 */
export function selfTimes(file: string): Record<"modules" | "packages" | "functions", SelfTimes> {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const spent = new Map<number, number>();
  for (const [at, id] of samples.entries()) spent.set(id, (spent.get(id) ?? 0) + (timeDeltas[at] ?? 0) / 1000);
  const sums = {
    modules: new Map<string, number>(),
    packages: new Map<string, number>(),
    functions: new Map<string, number>(),
  };
  for (const { id, callFrame } of nodes) {
    const ms = spent.get(id);
    if (!ms || isNoWork(callFrame)) continue;
    const { module, line, name } = placeOf(callFrame);
    add(sums.modules, module, ms);
    add(sums.packages, packageOf(module), ms);
    add(sums.functions, `${name || "(anonymous)"}  ${module}:${line}`, ms);
  }
  const sorted = (times: Map<string, number>) => [...times].sort(([, a], [, b]) => b - a);
  return { modules: sorted(sums.modules), packages: sorted(sums.packages), functions: sorted(sums.functions) };
}

/** Waiting, and what the profiler itself takes to begin and to end. */
function isNoWork({ functionName, url }: Profile["nodes"][number]["callFrame"]): boolean {
  return functionName === "(idle)" || (functionName === "dispatch" && url === "");
}

function add(times: Map<string, number>, name: string, ms: number): void {
  times.set(name, (times.get(name) ?? 0) + ms);
}

const maps = new Map<string, SourceMap | null>();

function mapOf(path: string): SourceMap | null {
  let map = maps.get(path);
  if (map === undefined) {
    map = existsSync(`${path}.map`) ? new SourceMap(JSON.parse(readFileSync(`${path}.map`, "utf8"))) : null;
    maps.set(path, map);
  }
  return map;
}

function placeOf({ functionName, url, lineNumber, columnNumber }: Profile["nodes"][number]["callFrame"]) {
  // What V8 itself does, as "(garbage collector)".
  if (!url) return { module: functionName.startsWith("(") ? functionName : "(native)", line: 0, name: functionName };
  if (url.startsWith("node:")) return { module: url, line: lineNumber + 1, name: functionName };
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  const entry = mapOf(path)?.findEntry(lineNumber, columnNumber);
  if (!entry || !("originalSource" in entry) || !entry.originalSource) {
    return { module: shortened(path), line: lineNumber + 1, name: functionName };
  }
  const source = decodeURIComponent(entry.originalSource.replace(/^file:\/\//, ""));
  const name = (entry as { name?: string }).name ?? functionName;
  return { module: shortened(resolve(dirname(path), source)), line: entry.originalLine + 1, name };
}

/** A path from the repository's root. The product's copy has the product's own paths. */
function shortened(path: string): string {
  const own = path.startsWith(root.replace(/\/$/, "")) ? path.slice(resolve(root).length + 1) : path;
  return own
    .replace("node_modules/next/dist/compiled/next-server/webpack:/", "node_modules/")
    .replace(/^\.data\/bench\/app\/[^/]+\//, "")
    .replace(/^.*\/(?=node_modules\/)/, "");
}

function packageOf(module: string): string {
  const inPackage = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module);
  if (inPackage) return inPackage[1] ?? module;
  if (module.startsWith("node:")) return "node";
  return module.split("/").slice(0, 2).join("/");
}
