import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../../dev/run/build";
import { copyDependencies } from "./maven";
import { keep } from "./programs";

/** The model of the lease, and of a sign-out against a refresh. */
export const modelFile = join(root, "docs/model/lease.als");

/** What must hold in the model, by its name there, and the test that shows it of the app. */
export function invariantsOf(model = readFileSync(modelFile, "utf8")): { name: string; file: string; test: string }[] {
  return [...model.matchAll(/^-- (\S+\.ts): (.+)\nassert (\w+) /gm)].map(([, file = "", test = "", name = ""]) => ({
    name,
    file,
    test,
  }));
}

/** Fetches Alloy, once. @throws Error where Maven Central cannot be reached */
export const fetchAlloy = () => keep("alloy-6.2.0", (folder) => copyDependencies("alloy", folder));

/**
 * Has Alloy look for a course of events in which an invariant is broken.
 *
 * @param folder of {@link fetchAlloy}
 * @returns for each invariant whether it holds in every course within the model's bounds
 */
export async function checkModel(
  folder: string,
  model = readFileSync(modelFile, "utf8"),
): Promise<Record<string, boolean>> {
  const work = mkdtempSync(join(tmpdir(), "daemun-model-"));
  try {
    writeFileSync(join(work, "lease.als"), model);
    const jar = join(folder, "org.alloytools.alloy.dist-6.2.0.jar");
    const command = ["-jar", jar, "exec", "-f", "-o", join(work, "out"), join(work, "lease.als")];
    const { stdout, stderr } = await promisify(execFile)("java", command, { timeout: 300_000 });
    const verdicts = [...`${stdout}\n${stderr}`.matchAll(/^\d+\. check (\w+) .*?(UNSAT|SAT)\s*$/gm)];
    return Object.fromEntries(verdicts.map(([, name = "", found]) => [name, found === "UNSAT"]));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
