import { describe, expect, it } from "vitest";
import { createOpenCalls, type SessionOutlook, SessionOver } from "./open-calls";

const hour = 3_600_000;
const inMs = (ms: number) => new Date(Date.now() + ms);
const living = (id: string, until = hour) => ({ id, expires: inMs(hour), idleExpiresAt: inMs(until) });

/** A registry that says what it is told to, and how often it was asked about whom. */
function registry(answer: (ids: readonly string[]) => Promise<ReadonlyMap<string, SessionOutlook>>) {
  const asked: (readonly string[])[] = [];
  const look = (ids: readonly string[]) => {
    asked.push(ids);
    return answer(ids);
  };
  return { asked, look };
}

const allLive = async (ids: readonly string[]) => new Map(ids.map((id) => [id, { until: inMs(hour) }]));
const codeOf = ({ reason }: AbortSignal) => (reason instanceof SessionOver ? reason.code : null);
const aborted = (signal: AbortSignal) =>
  new Promise<string | null>((resolve) => {
    if (signal.aborted) resolve(codeOf(signal));
    signal.addEventListener("abort", () => resolve(codeOf(signal)));
  });

describe("what sessions have open", () => {
  it("FF-02: all that a session has open ends at once where the session is ended, and nothing of another", () => {
    const { look, asked } = registry(allLive);
    const calls = createOpenCalls({ look, everyMs: hour, unprovenMs: hour });
    const [one, two, other] = [calls.hold(living("a")), calls.hold(living("a")), calls.hold(living("b"))];
    calls.end(["a", "c"], "session_revoked");
    expect([codeOf(one.signal), codeOf(two.signal), codeOf(other.signal)]).toEqual([
      "session_revoked",
      "session_revoked",
      null,
    ]);
    expect(asked).toEqual([]);
  });

  it("FF-02: one query asks about all sessions with something open, and ends what it does not find", async () => {
    const { look, asked } = registry(async (ids) => {
      const outlooks = new Map<string, SessionOutlook>(await allLive(ids));
      outlooks.set("s7", { code: "account_disabled" });
      outlooks.delete("s8");
      return outlooks;
    });
    const calls = createOpenCalls({ look, everyMs: 300, unprovenMs: hour });
    const open = Array.from({ length: 40 }, (_, at) => calls.hold(living(`s${at % 20}`)));
    await Promise.all([
      aborted((open[7] ?? open[0])?.signal as AbortSignal),
      aborted((open[8] ?? open[0])?.signal as AbortSignal),
    ]);
    expect(asked[0]).toHaveLength(20);
    expect(asked).toHaveLength(1);
    const ended = open.map(({ signal }, at) => [at % 20, codeOf(signal)]).filter(([, code]) => code !== null);
    expect(ended).toEqual([
      [7, "account_disabled"],
      [8, "session_revoked"],
      [7, "account_disabled"],
      [8, "session_revoked"],
    ]);
  });

  it("FF-02: a deadline is looked at when it passes, and not at the next round", async () => {
    const { look } = registry(async (ids) => new Map(ids.map((id) => [id, { code: "session_idle" as const }])));
    const calls = createOpenCalls({ look, everyMs: hour, unprovenMs: hour });
    expect(await aborted(calls.hold(living("a", 50)).signal)).toBe("session_idle");
  });

  it("FF-02: what cannot be proven for too long ends, whether the registry fails or hangs", async () => {
    for (const answer of [() => Promise.reject(new Error("away")), () => new Promise<never>(() => {})]) {
      const calls = createOpenCalls({ look: registry(answer).look, everyMs: 260, unprovenMs: 700 });
      expect(await aborted(calls.hold(living("a")).signal)).toBe("database_unavailable");
    }
  });

  it("is not asked about once nothing is open", async () => {
    const { look, asked } = registry(allLive);
    const calls = createOpenCalls({ look, everyMs: 260, unprovenMs: hour });
    calls.hold(living("a")).release();
    const last = calls.hold(living("b"));
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    expect(asked.flat()).not.toContain("a");
    last.release();
  });
});
