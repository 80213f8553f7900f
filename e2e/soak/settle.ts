import { setTimeout as sleep } from "node:timers/promises";
import { haunt } from "./actions";
import { Device } from "./device";
import type { Violation } from "./history";
import { openCalls } from "./leftovers";
import { seeded } from "./random";
import { judgeRows } from "./rows";
import { signOut } from "./sign-outs";
import type { World } from "./world";

// Leases that were left behind run out, audit rows that wait are written, connections come back.
const settlingMs = 90_000;

/** Ends every session once all faults are over, and looks whether nothing is left of any. */
export async function settle(
  world: World,
  devices: readonly Device[],
  { streamsEndWithinMs }: { streamsEndWithinMs: number | null },
): Promise<Violation[]> {
  const violations: Violation[] = [];
  const must = async (what: string, isSo: () => Promise<boolean>, withinMs = settlingMs) => {
    if (!(await poll(isSo, withinMs))) violations.push({ rule: "all comes to rest", what, at: Date.now() });
  };
  await must("an instance is not ready", async () => {
    const answers = await Promise.all(
      world.instances.map(({ url }) =>
        fetch(`${url}/readyz`).then(
          ({ status }) => status,
          () => 0,
        ),
      ),
    );
    return answers.every((status) => status === 200);
  });
  for (const account of world.accounts) {
    const last = new Device(world, account, seeded(account.word));
    await must("a user cannot sign out everywhere", async () => {
      if (!last.life) await last.signIn();
      return last.life !== null && (await signOut(last, "everywhere"));
    });
  }
  for (const ghost of world.ghosts) await haunt(world, ghost);
  for (const device of devices)
    await device.ask("GET /api/me, at the end", (browser) => browser.fetch(device.url("/api/me")));
  if (streamsEndWithinMs !== null) {
    await must(
      "a stream outlives its session",
      async () => openCalls(world.app) === 0,
      streamsEndWithinMs + settlingMs,
    );
  }
  for (const device of devices) for (const stream of device.streams) stream.close();
  await must("a service still answers somebody", async () => openCalls(world.app) === 0);
  let torn: Violation[] = [];
  const isWhole = async () => {
    torn = await judgeRows(world.app.rows, world.history.lives);
    return torn.length === 0;
  };
  await poll(isWhole, settlingMs);
  return [...violations, ...torn];
}

async function poll(isSo: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  for (const until = Date.now() + withinMs; ; await sleep(250)) {
    if (await isSo()) return true;
    if (Date.now() > until) return false;
  }
}
