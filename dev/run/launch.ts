import { spawn } from "node:child_process";
import { endGroup, exitOf } from "../process/child";
import { onStop } from "../process/stop-signals";
import { tie } from "../process/tied";
import { waitUntilHealthy } from "./app";
import { buildForProduction, buildVariant, nextCli, root } from "./build";
import { describeWorld } from "./welcome";
import { planWorld, startWorld, type World } from "./world";

/**
 * Starts the app and the world around it, and ends the process when either was told to stop or the app ended by itself,
 * with the app's exit code in that case. Whatever happens, nothing that was started is left behind.
 */
export async function launch(mode: "demo" | "dev"): Promise<never> {
  const cancelled = new AbortController();
  const told = new Promise<number>((resolve) => {
    onStop(() => {
      cancelled.abort();
      resolve(0);
    });
  });
  process.exit(await run(mode, told, cancelled.signal).catch((error: unknown) => report(error, cancelled.signal)));
}

function report(error: unknown, cancelled: AbortSignal): number {
  if (cancelled.aborted) return 0;
  console.error(`\n${error instanceof Error ? error.message : error}`);
  return 1;
}

async function run(mode: "demo" | "dev", told: Promise<number>, cancelled: AbortSignal): Promise<number> {
  const plan = await planWorld(mode);
  const variant = buildVariant(plan.sample ? "sample" : "plain");
  if (mode === "demo") await buildForProduction(variant, cancelled);
  const world = await startWorld(plan);
  try {
    return cancelled.aborted ? 0 : await runApp(mode, world, variant, told);
  } finally {
    console.log("\nStopping …");
    await world.stop();
  }
}

async function runApp(
  mode: "demo" | "dev",
  { plan, env }: World,
  variant: Record<string, string>,
  told: Promise<number>,
): Promise<number> {
  const command = mode === "demo" ? "start" : "dev";
  const app = spawn(process.execPath, [nextCli, command, "-H", "localhost", "-p", String(plan.port)], {
    cwd: root,
    // A group of its own: a Ctrl-C reaches it through us, in the right order.
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env, ...variant, NODE_ENV: mode === "demo" ? "production" : "development" },
  });
  const letGo = tie(app, "SIGTERM", { group: true });
  const exit = exitOf(app);
  try {
    const stopped = Promise.race([told, exit]);
    const healthy = waitUntilHealthy(`http://localhost:${plan.port}`, stopped, 120_000);
    const announced = healthy.then(() => console.log(describeWorld(plan)));
    // A demo that does not answer is none; in development the error is on the screen, and a fix brings the page back.
    if (mode === "demo") await Promise.race([announced, stopped]);
    else announced.catch(() => {});
    return await stopped;
  } finally {
    await endGroup(app);
    letGo();
  }
}
