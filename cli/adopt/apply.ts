import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { insideOf } from "./inside";
import type { Change } from "./plan";

/**
 * Does to the app's folder what was planned.
 *
 * @throws AdoptError before anything is written, where one of the changes would not stay in the folder
 */
export function applyChanges(folder: string, changes: readonly Change[]): void {
  const targets = changes.map(({ path, content }) => ({ target: insideOf(folder, path), content }));
  for (const { target, content } of targets) {
    if (content === null) {
      rmSync(target, { force: true });
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}
