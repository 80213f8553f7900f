import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./build";

interface LockEntry {
  version?: string;
  dev?: boolean;
  license?: string;
  optionalDependencies?: Record<string, string>;
  [field: string]: unknown;
}

interface LockFile {
  packages: Record<string, LockEntry>;
}

const file = join(root, "package-lock.json");

export function readLockFile(): LockFile {
  return JSON.parse(readFileSync(file, "utf8"));
}

/**
 * The binaries of other platforms that some package names and the lock file does not. npm leaves them out when the
 * registry it asked does not have them, and then `npm ci` refuses the lock file (https://github.com/npm/cli/issues/9846).
 */
export function findMissing({ packages }: LockFile): { name: string; parent: LockEntry; version: string }[] {
  return Object.entries(packages).flatMap(([path, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`])
      .map(([name, version]) => ({ name, parent, version })),
  );
}

const processors = ["arm64", "x64", "ia32", "ppc64", "s390x", "riscv64", "wasm32"];
const systems = ["android", "darwin", "freebsd", "linux", "win32", "openharmony"];

/** Writes them in, with the platform that their names say, so that every other platform leaves them alone. */
export function completeLockFile(): void {
  const lock = readLockFile();
  for (const { name, parent, version } of findMissing(lock)) {
    const cpu = processors.find((each) => name.includes(each)) ?? (/-arm-/.test(name) ? "arm" : undefined);
    const os = systems.find((each) => name.includes(each));
    const libc = name.includes("musl") ? "musl" : name.includes("-gnu") && os === "linux" ? "glibc" : undefined;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu && { cpu: [cpu] }),
      ...(parent.dev && { dev: true }),
      ...(libc && { libc: [libc] }),
      ...(parent.license && { license: parent.license }),
      optional: true,
      ...(os && { os: [os] }),
    };
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) completeLockFile();
