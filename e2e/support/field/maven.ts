import { join } from "node:path";
import { folderOf, isThere, run } from "./programs";

/** Whether programs from Maven Central can be fetched, unpacked and run here at all. */
export const hasJavaTools = () => isThere("java") && isThere("jar") && isThere("mvn");

/**
 * Puts what the pom.xml of a program of others depends on into a folder.
 *
 * @throws Error where Maven Central cannot be reached
 */
export function copyDependencies(name: string, folder: string): Promise<void> {
  const pom = join(folderOf(name), "pom.xml");
  const copy = ["-q", "-B", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${folder}`];
  return run("mvn", copy, { timeoutMs: 600_000 });
}
