import "server-only";
import { isDatabaseUnavailable } from "../db/unavailable";
import { afterResponse } from "../http/after-response";
import { inProcess } from "../http/in-process";
import { describeError, log } from "../http/log";
import { env } from "../settings/env";
import { nextDueMs } from "./claim";
import { deliverDue } from "./deliver";

// As long as a function is kept from being frozen for it; a process that lives on goes on after it.
const runMs = 8_000;
// While the database is away.
const retryMs = 30_000;
const longestWaitMs = 600_000;
// How long a receiver that is away is left alone, whatever happens meanwhile.
const longestAwayMs = 60_000;

interface Runs {
  current: Promise<void> | null;
  /** Whether something was written since the current one began. */
  isDue: boolean;
  timer: NodeJS.Timeout | null;
  /** How many runs in a row found the receiver away, and until when only the timer asks it again. */
  awayRuns: number;
  awayUntil: number;
}

const runs = () =>
  inProcess<Runs>("webhooks.runs", () => ({ current: null, isDue: false, timer: null, awayRuns: 0, awayUntil: 0 }));

/** Sends what is due once the response has gone out, and what becomes due later, for as long as this process lives. */
export function deliverSoon(): void {
  if (!env().webhook || runs().awayUntil > Date.now()) return;
  afterResponse(deliverNow);
}

/** The same at once. Resolves when nothing is due, or the receiver or the database is away. Never throws. */
function deliverNow(): Promise<void> {
  const state = runs();
  state.isDue = true;
  state.current ??= run(state).finally(() => {
    state.current = null;
  });
  return state.current;
}

async function run(state: Runs): Promise<void> {
  if (state.timer) clearTimeout(state.timer);
  let waitMs: number | null = null;
  try {
    while (state.isDue) {
      state.isDue = false;
      const { delivered, failed, isAway } = await deliverDue(Date.now() + runMs);
      // What is written while it is left alone has nobody else to send it: the timer looks as soon as that is over.
      waitMs = isAway ? 0 : await nextDueMs();
      // More than one run could send.
      if (waitMs === 0 && delivered + failed > 0 && !isAway && !env().vercel) state.isDue = true;
      state.awayRuns = isAway ? state.awayRuns + 1 : 0;
    }
  } catch (error) {
    if (!isDatabaseUnavailable(error)) log.error("webhook.run_failed", { cause: describeError(error) });
    waitMs = retryMs;
  }
  const awayMs = state.awayRuns === 0 ? 0 : Math.min(2 ** state.awayRuns * 1_000, longestAwayMs);
  state.awayUntil = Date.now() + awayMs;
  if (waitMs === null || env().vercel) return;
  // A process that is to end does not wait for it.
  const pauseMs = Math.min(Math.max(waitMs, awayMs, 1_000), longestWaitMs);
  state.timer = setTimeout(() => void deliverNow(), pauseMs).unref();
}
