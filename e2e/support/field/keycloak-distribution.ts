import { rmSync } from "node:fs";
import { join } from "node:path";
import { copyDependencies } from "./maven";
import { keep, run, sha256Of } from "./programs";

const version = "26.7.3";
const sha256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f";
const minutes = 60_000;

/**
 * The folder of a Keycloak that is ready to start: from Maven Central, built once for a database in a file.
 *
 * @throws Error when it cannot be had, or is another than it was
 */
export function fetchKeycloak(): Promise<string> {
  return keep(`keycloak-${version}-${sha256.slice(0, 12)}`, async (folder) => {
    await copyDependencies("keycloak", folder);
    const zip = join(folder, `keycloak-quarkus-dist-${version}.zip`);
    const found = await sha256Of(zip);
    if (found !== sha256) throw new Error(`Keycloak ${version} has the SHA-256 ${found}, which is not the one it had.`);
    await run("jar", ["xf", zip], { cwd: folder, timeoutMs: 5 * minutes });
    rmSync(zip);
    // As `start` would do it each time: from then on it starts `--optimized`.
    await run("sh", [scriptOf(folder), "build", "--db=dev-file"], { timeoutMs: 15 * minutes });
  });
}

/** `kc.sh`, to be run by `sh`: an archive that `jar` unpacks has no executable files. */
export const scriptOf = (folder: string) => join(folder, `keycloak-${version}`, "bin/kc.sh");
