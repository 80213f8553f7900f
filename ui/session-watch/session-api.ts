import type { Deadlines } from "./deadlines";
import type { Reading } from "./session-clock";

/** What the server says of this browser's session. */
export type SessionAnswer =
  | {
      kind: "live";
      deadlines: Deadlines /** When, by the monotonic clock, the server's `at` was now. */;
      monotonic: number;
    }
  /** There is none. `at` is the server's time, null where it did not say. */
  | { kind: "over"; at: number | null }
  /** It could not be asked. */
  | { kind: "silent" };

// A person sits in front of it, and the countdown goes on meanwhile.
const sessionReadTimeoutMs = 4_000;

/** Asks whether the session lives, and until when. Never counts as activity. */
export function askSession(read: () => Reading, aborted: AbortSignal): Promise<SessionAnswer> {
  return ask("/api/session", {}, read, aborted);
}

/** Says that the person is there. */
export function keepAlive(read: () => Reading, aborted: AbortSignal): Promise<SessionAnswer> {
  return ask("/api/session/keep-alive", { method: "POST", headers: { "X-CSRF": "1" } }, read, aborted);
}

async function ask(path: string, init: RequestInit, read: () => Reading, aborted: AbortSignal): Promise<SessionAnswer> {
  const limit = new AbortController();
  const giveUp = () => limit.abort();
  const timer = setTimeout(giveUp, sessionReadTimeoutMs);
  aborted.addEventListener("abort", giveUp);
  try {
    const asked = read().monotonic;
    const response = await fetch(path, { ...init, cache: "no-store", signal: limit.signal });
    if (response.status === 401) return { kind: "over", at: null };
    if (!response.ok) return { kind: "silent" };
    // The answer was true somewhere between question and answer.
    return parseSessionAnswer(await response.json(), (asked + read().monotonic) / 2);
  } catch {
    return { kind: "silent" };
  } finally {
    clearTimeout(timer);
    aborted.removeEventListener("abort", giveUp);
  }
}

/** Reads the body of `GET /api/session`. Whatever has another form is no answer. */
export function parseSessionAnswer(body: unknown, monotonic: number): SessionAnswer {
  if (typeof body !== "object" || body === null) return { kind: "silent" };
  const { authenticated, idleExpiresAt, expiresAt, now } = body as Record<string, unknown>;
  const at = parseTime(now);
  if (at === null) return { kind: "silent" };
  if (authenticated === false) return { kind: "over", at };
  const [idle, absolute] = [parseTime(idleExpiresAt), parseTime(expiresAt)];
  if (authenticated !== true || idle === null || absolute === null) return { kind: "silent" };
  return { kind: "live", deadlines: { idleExpiresAt: idle, expires: absolute, at }, monotonic };
}

/** ISO 8601 to milliseconds, or null. */
function parseTime(value: unknown): number | null {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
