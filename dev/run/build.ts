import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateClient } from "../../prisma/generate";
import { exitOf, signalGroup } from "../process/child";
import { fingerprintOf } from "../process/fingerprint";
import { tie } from "../process/tied";

/** The repository's root. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** Next's command line, to be run by `process.execPath`. */
export const nextCli = join(root, "node_modules/next/dist/bin/next");

const sources =
  "app edge server ui messages sample public cli/check-config.ts cli/with-daemun.mjs prisma/database-address.ts prisma/schema.prisma prisma/migrations e2e/support/daemun.config.ts e2e/support/daemun.hooks.ts auth.ts middleware.ts instrumentation.ts instrumentation-client.ts daemun.config.ts daemun.hooks.ts next.config.mjs postcss.config.mjs tsconfig.json tsconfig.build.json package-lock.json".split(
    " ",
  );

/** Whether the demo's sample is here: it may be removed. */
export const hasSample = existsSync(join(root, "sample"));

/** What a build is told about the sample and the configuration: the developer's own alone, with the sample, or the tests'. */
export function buildVariant(kind: "plain" | "sample" | "tests"): Record<string, string> {
  if (kind !== "tests") return { DAEMUN_SAMPLE: kind === "sample" ? "1" : "" };
  const hooks = { DAEMUN_HOOKS: "./e2e/support/daemun.hooks.ts" };
  return hasSample
    ? { ...hooks, DAEMUN_SAMPLE: "1", DAEMUN_CONFIG: "./sample/e2e/daemun.config.ts" }
    : { ...hooks, DAEMUN_CONFIG: "./e2e/support/daemun.config.ts" };
}

/**
 * Makes the production build in `.next`, unless the one there was made from the same sources.
 *
 * @param variant see `buildVariant`
 * @param cancelled ends a build under way
 * @throws Error when `next build` fails or is cancelled; it has printed why
 */
export async function buildForProduction(variant: Record<string, string>, cancelled?: AbortSignal): Promise<void> {
  generateClient();
  const stamp = join(root, ".next/daemun-sources.sha256");
  const fingerprint = `${JSON.stringify(variant)} ${fingerprintOf(root, sources)}`;
  const made = existsSync(join(root, ".next/BUILD_ID")) && existsSync(stamp) && readFileSync(stamp, "utf8");
  if (made === fingerprint) return;
  rmSync(stamp, { force: true });
  console.log("Building for production …");
  const child = spawn(process.execPath, [nextCli, "build"], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...variant, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  const cancel = () => signalGroup(child, "SIGTERM");
  cancelled?.addEventListener("abort", cancel);
  const letGo = tie(child, "SIGTERM", { group: true });
  const code = await exitOf(child);
  cancelled?.removeEventListener("abort", cancel);
  letGo();
  if (code !== 0) throw new Error("next build failed.");
  writeFileSync(stamp, fingerprint);
}
