import { lstatSync } from "node:fs";
import { join } from "node:path";

/** Why the command does not do it, in a sentence for whoever ran it. */
export class AdoptError extends Error {
  override readonly name = "AdoptError";
}

/** Whether a path is relative, with `/`, and names nothing above its folder and nothing of git's own. */
export function isPathInside(path: string): boolean {
  if (path.includes("\\") || path.includes("\0")) return false;
  // An absolute path begins with an empty segment, or on Windows with a drive.
  return path
    .split("/")
    .every((segment) => !["", ".", "..", ".git"].includes(segment.toLowerCase()) && !segment.includes(":"));
}

/**
 * Where a path of an app is on this machine, whether something is there or not. The app may be a stranger's: a symbolic link
 * that it has committed leads anywhere, and what is read, written or deleted through it is not the app's.
 *
 * @throws AdoptError where the path leaves the folder, by what it says or by a symbolic link at or above it, and where it is
 *   below a file
 */
export function insideOf(folder: string, path: string): string {
  if (!isPathInside(path)) throw new AdoptError(`${path} is no path inside the app. Nothing was written.`);
  const segments = path.split("/");
  for (const at of segments.keys()) {
    const above = segments.slice(0, at + 1).join("/");
    const entry = lstatSync(join(folder, above), { throwIfNoEntry: false });
    if (!entry) break;
    if (entry.isSymbolicLink())
      throw new AdoptError(`${above} is a symbolic link, and may lead out of the app. Nothing was written.`);
    if (at < segments.length - 1 && !entry.isDirectory())
      throw new AdoptError(`${above} is a file, and ${path} needs a folder there. Nothing was written.`);
  }
  return join(folder, path);
}
