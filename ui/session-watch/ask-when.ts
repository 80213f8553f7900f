const sessionPollMs = 60_000;
// What another tab, or this one, has just learnt need not be asked again.
const justNowMs = 2_000;
const nudgeMs = 5_000;
// By then the server, too, holds the session to be over.
const afterEndMs = 300;

/** When the server was asked and heard last, by the monotonic clock. */
interface Contact {
  askedAt: number;
  heardAt: number;
}

/** What a tab has to do about its session's end at this moment: ask whether it is over, make sure before it warns, or ask as each minute. */
export function dueAt({
  now,
  end,
  warningMs,
  monotonic,
  askedAt,
  heardAt,
  isConfirmed,
  jitterMs,
}: Contact & {
  /** The server's time, the session's end, and how long before that a warning begins. */
  now: number;
  end: number;
  warningMs: number;
  monotonic: number;
  /** Whether it was made sure of this end before. */
  isConfirmed: boolean;
  jitterMs: number;
}): "over" | "confirm" | "poll" | null {
  if (now >= end + afterEndMs) return monotonic - askedAt >= justNowMs || isConfirmed ? "over" : null;
  if (now >= end - warningMs && !isConfirmed) return "confirm";
  return monotonic - Math.max(askedAt, heardAt) >= sessionPollMs + jitterMs ? "poll" : null;
}

/** Whether the server was heard so lately that what it said still holds. */
export function wasJustHeard(heardAt: number, monotonic: number): boolean {
  return monotonic - heardAt <= justNowMs;
}

/** Whether a tab that found nobody to answer tries again. */
export function mayRetry(askedAt: number, monotonic: number): boolean {
  return monotonic - askedAt >= sessionPollMs;
}

/** Whether a tab that was woken asks: another may have done so. */
export function mayNudge({ askedAt, heardAt }: Contact, monotonic: number): boolean {
  return monotonic - Math.max(askedAt, heardAt) >= nudgeMs;
}
