import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SessionAnswer } from "./session-api";
import type { TabMessage } from "./session-channel";
import type { WatchView } from "./watch-view";
import { type PageSession, type SessionWatcher, watchSession } from "./watcher";

const start = Date.parse("2026-11-21T09:00:00Z");
const minute = 60_000;

/** What the server knows, and when it was asked. */
interface Server {
  session: { key: string; idleExpiresAt: number; expires: number } | null;
  isAway: boolean;
  asked: number[];
}

interface Tab {
  watcher: SessionWatcher;
  view(): WatchView;
}

let server: Server;
let lines: Set<(message: TabMessage) => void>;
let posted: TabMessage[];
let opened: SessionWatcher[];
/** What the tab's wall clock shows too much, and for how long its monotonic clock stood still. */
let wallAhead = 0;
let stoodStill = 0;

const serverNow = () => Date.now() + stoodStill;

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ["setTimeout", "clearTimeout", "Date"] });
  wallAhead = 0;
  stoodStill = 0;
  server = { session: sessionOf("one", 30 * minute), isAway: false, asked: [] };
  lines = new Set();
  posted = [];
  opened = [];
});

afterEach(() => {
  for (const watcher of opened) watcher.stop();
  vi.useRealTimers();
});

function sessionOf(key: string, idleMs: number, absoluteMs = 720 * minute) {
  return { key, idleExpiresAt: serverNow() + idleMs, expires: serverNow() + absoluteMs };
}

function answer(): SessionAnswer {
  if (server.isAway) return { kind: "silent" };
  const at = serverNow();
  const { session } = server;
  if (!session || at >= Math.min(session.idleExpiresAt, session.expires)) return { kind: "over", at };
  const { idleExpiresAt, expires } = session;
  return { kind: "live", deadlines: { idleExpiresAt, expires, at }, monotonic: Date.now() - start };
}

/** Opens a tab on a page that the server has just rendered. */
function openTab({ idleSeconds = 1800, reloaded = false } = {}): Tab {
  const session = server.session;
  if (!session) throw new Error("A page of nobody is not watched.");
  const page: PageSession = {
    key: session.key,
    idleSeconds,
    deadlines: { idleExpiresAt: session.idleExpiresAt, expires: session.expires, at: serverNow() },
    monotonic: Date.now() - start,
  };
  let view: WatchView = { kind: "quiet" };
  const read = () => ({ monotonic: Date.now() - start, wall: Date.now() + stoodStill + wallAhead });
  const watcher = watchSession(
    page,
    {
      read,
      jitterMs: 0,
      wasReloadedFrom: () => reloaded,
      ask: async () => {
        server.asked.push(Date.now() - start);
        return answer();
      },
      keepAlive: async () => {
        if (server.session && answer().kind === "live") server.session.idleExpiresAt = serverNow() + idleSeconds * 1000;
        return answer();
      },
      openChannel: (hear) => {
        lines.add(hear);
        return {
          post: (message) => {
            posted.push(message);
            for (const line of lines) if (line !== hear) line(message);
          },
          close: () => lines.delete(hear),
        };
      },
    },
    (next) => {
      view = next;
    },
  );
  opened.push(watcher);
  return { watcher, view: () => view };
}

/** What another tab, or a page of nobody, says. */
function say(message: TabMessage): void {
  for (const line of lines) line(message);
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("a session of half an hour", () => {
  it("is warned about two minutes before its end, in seconds that count down", async () => {
    const tab = openTab();
    await pass(28 * minute - 2_000);
    expect(tab.view()).toEqual({ kind: "quiet" });
    await pass(4_000);
    expect(tab.view()).toMatchObject({ kind: "warning", canStay: true, seconds: 120, secondsLeft: 118 });
    await pass(60_000);
    expect(tab.view()).toMatchObject({ kind: "warning", secondsLeft: 58 });
  });

  it("is over in every tab at its end, without anybody's doing", async () => {
    const tabs = [openTab(), openTab()];
    await pass(30 * minute + 2_000);
    for (const tab of tabs) expect(tab.view()).toEqual({ kind: "over", why: "ended" });
  });

  it("lives on in every tab when somebody stays in one", async () => {
    const [one, other] = [openTab(), openTab()];
    await pass(29 * minute);
    expect(other.view()).toMatchObject({ kind: "warning" });
    one.watcher.stay();
    await pass(0);
    expect([one.view(), other.view()]).toEqual([{ kind: "quiet" }, { kind: "quiet" }]);
    await pass(20 * minute);
    expect(other.view()).toEqual({ kind: "quiet" });
  });

  it("lives on in every tab when somebody loads a page in one", async () => {
    const tab = openTab();
    await pass(29 * minute);
    server.session = { ...(server.session ?? sessionOf("one", 0)), idleExpiresAt: serverNow() + 30 * minute };
    openTab();
    await pass(250);
    expect(tab.view()).toEqual({ kind: "quiet" });
  });

  it("is asked about once a minute at most, by however many tabs", async () => {
    openTab();
    await pass(7_000);
    openTab();
    openTab();
    await pass(10 * minute);
    const gaps = server.asked.slice(1).map((at, index) => at - (server.asked[index] ?? 0));
    expect(server.asked.length).toBeGreaterThan(5);
    expect(gaps.filter((gap) => gap < minute && gap > 1_000)).toEqual([]);
  });

  it("is not asked about more often when nobody answers", async () => {
    openTab();
    server.isAway = true;
    await pass(5 * minute + 5_000);
    expect(server.asked).toHaveLength(5);
  });
});

describe("a keep-alive", () => {
  it("that nobody answers is said so, the countdown goes on, and the next may succeed", async () => {
    const tab = openTab();
    await pass(29 * minute);
    server.isAway = true;
    tab.watcher.stay();
    await pass(1_000);
    expect(tab.view()).toMatchObject({ kind: "warning", isUnreachable: true, isStaying: false, secondsLeft: 59 });
    server.isAway = false;
    tab.watcher.stay();
    await pass(0);
    expect(tab.view()).toEqual({ kind: "quiet" });
  });

  it("for a session that somebody ended meanwhile ends it here", async () => {
    const tab = openTab();
    await pass(29 * minute);
    server.session = null;
    tab.watcher.stay();
    await pass(0);
    expect(tab.view()).toEqual({ kind: "over", why: "ended" });
  });
});

describe("the absolute end", () => {
  it("can't be put off, but be put out of sight, in every tab", async () => {
    server.session = sessionOf("one", 5 * minute, 5 * minute);
    const [one, other] = [openTab(), openTab()];
    await pass(4 * minute);
    expect(one.view()).toMatchObject({ kind: "warning", canStay: false });
    one.watcher.dismiss();
    await pass(1_000);
    expect([one.view(), other.view()]).toEqual([{ kind: "quiet" }, { kind: "quiet" }]);
    await pass(minute);
    expect([one.view(), other.view()]).toEqual([
      { kind: "over", why: "expired" },
      { kind: "over", why: "expired" },
    ]);
  });
});

describe("the clocks", () => {
  it("of a tab may be hours off", async () => {
    wallAhead = -7 * 60 * minute;
    const tab = openTab();
    await pass(29 * minute);
    expect(tab.view()).toMatchObject({ kind: "warning", secondsLeft: 60 });
  });

  it("may be set while the page is open: the server is asked, and nothing ends", async () => {
    const tab = openTab();
    await pass(5_000);
    wallAhead = 5 * 60 * minute;
    await pass(1_000);
    expect(server.asked).toHaveLength(1);
    expect(tab.view()).toEqual({ kind: "quiet" });
  });

  it("stand still while a laptop sleeps: whoever wakes it past the end sees no page", async () => {
    const tab = openTab();
    await pass(minute);
    stoodStill = 60 * minute;
    await pass(1_000);
    expect(tab.view()).toEqual({ kind: "over", why: "ended" });
  });

  it("of a laptop that wakes without a network show no page either, and it comes back if the session lives", async () => {
    const tab = openTab();
    await pass(10_000);
    server.isAway = true;
    wallAhead = 60 * minute;
    await pass(1_000);
    expect(tab.view()).toEqual({ kind: "over", why: "unreachable" });
    server.isAway = false;
    tab.watcher.nudge(false);
    await pass(0);
    expect(tab.view()).toEqual({ kind: "over", why: "found-again" });
  });

  it("of a laptop that slept a minute change nothing, network or not", async () => {
    const tab = openTab();
    await pass(10_000);
    server.isAway = true;
    stoodStill = minute;
    await pass(1_000);
    expect(tab.view()).toEqual({ kind: "quiet" });
  });
});

describe("what other tabs say", () => {
  it("of a sign-out ends the page at once", async () => {
    const tab = openTab();
    await pass(1_000);
    say({ kind: "gone", key: null, signedOut: true, at: serverNow() });
    expect(tab.view()).toEqual({ kind: "over", why: "signed-out" });
  });

  it("of a sign-out that was before this session is asked about, and wrong", async () => {
    const tab = openTab();
    say({ kind: "gone", key: null, signedOut: true, at: start - 1 });
    await pass(0);
    expect(server.asked).toHaveLength(1);
    expect(tab.view()).toEqual({ kind: "quiet" });
  });

  it("of a later session makes the page load again, and of an earlier one is set right", async () => {
    const tab = openTab();
    await pass(1_000);
    posted = [];
    say({ kind: "deadlines", key: "former", idleExpiresAt: start, expires: start, at: start - 1 });
    expect(posted).toEqual([expect.objectContaining({ kind: "deadlines", key: "one" })]);
    expect(tab.view()).toEqual({ kind: "quiet" });
    say({ kind: "deadlines", key: "two", idleExpiresAt: start, expires: start, at: serverNow() });
    expect(tab.view()).toEqual({ kind: "over", why: "replaced" });
  });
});

describe("another session than the page's", () => {
  it("is known by its absolute end, and the page loads again", async () => {
    const tab = openTab();
    server.session = sessionOf("two", 30 * minute, 700 * minute);
    await pass(minute + 1_000);
    expect(tab.view()).toEqual({ kind: "over", why: "replaced" });
  });

  it("makes a page load again only once, not for ever", async () => {
    const tab = openTab({ reloaded: true });
    server.session = sessionOf("one", 30 * minute, 700 * minute);
    await pass(minute + 1_000);
    expect(tab.view()).toEqual({ kind: "quiet" });
  });
});
