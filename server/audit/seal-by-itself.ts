import "server-only";
import { isDatabaseUnavailable } from "../db/unavailable";
import { afterResponse } from "../http/after-response";
import { inProcess } from "../http/in-process";
import { describeError, log } from "../http/log";
import { env } from "../settings/env";
import { sealRows } from "./seal";

// A row is sealed within five seconds of its commit: two of waiting, and what a busy machine takes.
const pauseMs = 2_000;

/** Has a process that lives on seal the audit trail, for all instances: whichever comes first does it. */
export function sealByItself(): void {
  inProcess("audit.sealing", () => {
    scheduleNext();
    return true;
  });
}

function scheduleNext(): void {
  const run = () => void sealQuietly().finally(scheduleNext);
  // A process that is to end does not wait for it: others do it, or the next start.
  setTimeout(run, pauseMs).unref();
}

async function sealQuietly(): Promise<void> {
  try {
    await sealRows();
  } catch (error) {
    // While the database is away there is nothing to seal, and others say so.
    if (!isDatabaseUnavailable(error)) log.error("audit.seal_failed", { cause: describeError(error) });
  }
}

/** Where a process lives for a request: has it seal what was written, once the answer has gone out. */
export function sealAfterResponse(): void {
  if (!env().vercel) return;
  const runs = inProcess("audit.sealing-runs", () => ({
    current: Promise.resolve(),
    next: null as Promise<void> | null,
  }));
  afterResponse(() => {
    // One that is under way may have read the table before this row was in it; one that waits has not.
    runs.next ??= runs.current.then(() => {
      runs.current = runs.next as Promise<void>;
      runs.next = null;
      return sealQuietly();
    });
    return runs.next;
  });
}
