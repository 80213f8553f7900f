import { cpSync } from "node:fs";
import { join } from "node:path";
import { folderOf, isThere, keep, run } from "./programs";

const version = "2.3.0";
const minutes = 60_000;

/** Whether Hydra can be fetched and compiled here at all. */
export const hasHydraTools = () => isThere("go", "version");

/**
 * The program, compiled from its Go modules: go.mod says which, go.sum that they are what they were.
 *
 * @throws Error when they cannot be had, or do not compile
 */
export async function buildHydra(): Promise<string> {
  const folder = await keep(`hydra-${version}`, async (made) => {
    for (const file of ["go.mod", "go.sum"]) cpSync(join(folderOf("hydra"), file), join(made, file));
    await run("go", ["build", "-tags", "sqlite", "-o", join(made, "hydra"), "github.com/ory/hydra/v2"], {
      cwd: made,
      env: { GOFLAGS: "-mod=readonly -buildvcs=false" },
      timeoutMs: 25 * minutes,
    });
  });
  return join(folder, "hydra");
}
