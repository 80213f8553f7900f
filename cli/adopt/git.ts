import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// A repository's own configuration names programs that git runs, for a look at it too. (Filters stay: what they make of a
// file is what is committed.)
const runningNothing = ["core.fsmonitor=false", "core.hooksPath=/dev/null", "core.untrackedCache=false"].flatMap(
  (setting) => ["-c", setting],
);

/** Git in a folder that may be another's: it writes nothing by itself, and fetches nothing that a partial clone lacks. */
function git(folder: string, args: readonly string[]) {
  return spawnSync("git", ["-C", folder, "--no-optional-locks", ...runningNothing, ...args], {
    env: { ...process.env, GIT_ALLOW_PROTOCOL: "none", GIT_NO_LAZY_FETCH: "1" },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
  });
}

/** What git calls this content, so that it is found again in any repository that has it. */
export function blobOf(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

/** The content of that name, or null where the repository does not have it. */
export function readBlob(folder: string, blob: string): Buffer | null {
  const { status, stdout } = git(folder, ["cat-file", "blob", blob]);
  return status === 0 ? stdout : null;
}

/** Why a folder is no clean checkout, in a sentence; null where it is one. */
export function findUncommitted(folder: string): string | null {
  const { status, stdout } = git(folder, ["status", "--porcelain", "--", "."]);
  if (status !== 0) return "It is no git checkout: what is written there could not be taken back.";
  if (stdout.length > 0) return "It has changes that are not committed: commit or stash them first.";
  return null;
}

/**
 * Merges two descendants of `base`, as `git merge` would.
 *
 * @returns the whole; null where both changed the same lines
 */
export function mergeThree(own: Buffer, base: Buffer, theirs: Buffer): Buffer | null {
  const folder = mkdtempSync(join(tmpdir(), "daemun-merge-"));
  try {
    const files = [own, base, theirs].map((content, at) => {
      const file = join(folder, String(at));
      // A folder of this run alone: nothing may be there yet, a symbolic link least of all.
      writeFileSync(file, content, { flag: "wx", mode: 0o600 });
      return file;
    });
    const { status, stdout } = git(folder, ["merge-file", "-p", "--quiet", ...files]);
    return status === 0 ? stdout : null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
