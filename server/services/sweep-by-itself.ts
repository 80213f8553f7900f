import "server-only";
import { inProcess } from "../http/in-process";
import { describeError, log } from "../http/log";
import { countInDatabase } from "../limits/postgres-counts";

// The key of a count is taken for a minute, and so is the turn of whoever counts one.
const sweepTimeMs = 40_000;

type CleanUp = (options: { by: "server"; timeMs: number }) => Promise<unknown>;

/**
 * Has a process that lives on clean up every so often, one instance at a time. Without effect where somebody else does.
 *
 * @param intervalSeconds 0 for never
 * @param cleanUp does so, for as many milliseconds
 */
export function sweepByItself(intervalSeconds: number, cleanUp: CleanUp): void {
  if (intervalSeconds === 0) return;
  inProcess("sweep", () => {
    scheduleNext(intervalSeconds, cleanUp);
    return true;
  });
}

/** Instances that were started together do not come together again. */
function scheduleNext(intervalSeconds: number, cleanUp: CleanUp): void {
  const waitMs = intervalSeconds * 1000 * (0.5 + Math.random() / 2);
  const run = () => void sweepInTurn(cleanUp).finally(() => scheduleNext(intervalSeconds, cleanUp));
  // A process that is to end does not wait for it.
  setTimeout(run, waitMs).unref();
}

async function sweepInTurn(cleanUp: CleanUp): Promise<void> {
  try {
    const turn = (await countInDatabase(new Map([["sweep", 1]]))).get("sweep");
    if (turn?.count === 1) await cleanUp({ by: "server", timeMs: sweepTimeMs });
  } catch (error) {
    log.error("sweep.failed", { cause: describeError(error) });
  }
}
