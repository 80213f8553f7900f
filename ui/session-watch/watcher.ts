import { dueAt, mayNudge, mayRetry, wasJustHeard } from "./ask-when";
import { type Deadlines, endOf, tellsMore, warningMs } from "./deadlines";
import type { SessionAnswer } from "./session-api";
import type { SessionChannel, TabMessage } from "./session-channel";
import { type Reading, readClock, serverTimeAt, setClock, supposeSleep } from "./session-clock";
import { type Ending, endingAt, nextView, type WatchView } from "./watch-view";

/** The session that a page was rendered for. */
export interface PageSession {
  /** Its public id. */
  key: string;
  idleSeconds: number;
  deadlines: Deadlines;
  /** What the monotonic clock said when `deadlines.at` was now. */
  monotonic: number;
}

export interface WatchPorts {
  read(): Reading;
  ask(aborted: AbortSignal): Promise<SessionAnswer>;
  keepAlive(aborted: AbortSignal): Promise<SessionAnswer>;
  openChannel(hear: (message: TabMessage) => void): SessionChannel;
  /** So much later than the minute this tab asks, so that one of many tabs is the first and the others need not. */
  jitterMs: number;
  /** Whether this page is already what a reload on account of another session than `key` brought. */
  wasReloadedFrom(key: string): boolean;
}

export interface SessionWatcher {
  /** The tab was woken, shown or connected again. `force` where that may have taken any time. */
  nudge(force: boolean): void;
  stay(): void;
  /** Puts the countdown to an end that nothing can move out of sight, in all tabs. */
  dismiss(): void;
  stop(): void;
}

/**
 * Watches over one session in one tab: counts down to its end, agrees with the other tabs, and says when it is over.
 * Asks the server at most once a minute, and besides only when it was nudged, when a clock jumped, before it warns, and
 * at the end.
 */
export function watchSession(page: PageSession, ports: WatchPorts, show: (view: WatchView) => void): SessionWatcher {
  let deadlines = page.deadlines;
  let clock = setClock(deadlines.at, page.monotonic, ports.read());
  let view: WatchView = { kind: "quiet" };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | null = null;
  const stopped = new AbortController();
  let askedAt = page.monotonic;
  let heardAt = page.monotonic;
  /** The end before which the server was asked, and the one that the person wants to hear no more of. */
  let confirmedEnd: number | null = null;
  let dismissedEnd: number | null = null;
  /** What the wall clock ran ahead since the server was last heard. */
  let jumpedMs = 0;
  let isStaying = false;
  let isUnreachable = false;
  const warning = warningMs(page.idleSeconds);

  const channel = ports.openChannel(hear);
  tellTabs();
  // Whoever watched before may have left another view.
  show(view);
  tick();

  function tick(): void {
    clearTimeout(timer);
    look();
    if (!stopped.signal.aborted) timer = setTimeout(tick, view.kind === "warning" ? 250 : 1_000);
  }

  function look(): void {
    const reading = ports.read();
    const read = readClock(clock, reading);
    clock = read.clock;
    if (read.jumpedMs !== 0) void wake(read.jumpedMs);
    else if (view.kind === "over") retry(reading.monotonic);
    else if (!asking && !isStaying) act(reading.monotonic);
    draw();
  }

  /** Whatever is due at this moment. */
  function act(monotonic: number): void {
    const now = serverTimeAt(clock, monotonic);
    const end = endOf(deadlines);
    const isConfirmed = confirmedEnd === end;
    const { jitterMs } = ports;
    const due = dueAt({ now, end, warningMs: warning, monotonic, askedAt, heardAt, isConfirmed, jitterMs });
    if (due === "over") void askAtEnd(end);
    else if (due === "confirm") confirmedEnd = end;
    if (due === "poll" || (due === "confirm" && !wasJustHeard(heardAt, monotonic))) void ask();
  }

  async function askAtEnd(end: number): Promise<void> {
    confirmedEnd = null;
    if ((await ask()) === "silent" && endOf(deadlines) === end) finish("unreachable");
  }

  async function wake(ahead: number): Promise<void> {
    jumpedMs += ahead;
    if (view.kind === "over" && view.why !== "unreachable") return;
    if ((await ask()) !== "silent") return;
    clock = supposeSleep(clock, jumpedMs);
    jumpedMs = 0;
    if (serverTimeAt(clock, ports.read().monotonic) >= endOf(deadlines)) finish("unreachable");
    draw();
  }

  /** A page that was hidden because nobody answered comes back, or goes, as soon as somebody does. */
  function retry(monotonic: number): void {
    if (view.kind === "over" && view.why === "unreachable" && !asking && mayRetry(askedAt, monotonic)) void ask();
  }

  /** Asks the server. A request that is still under way is dropped: its answer would be the older one. */
  async function ask(): Promise<SessionAnswer["kind"] | "dropped"> {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    askedAt = ports.read().monotonic;
    const answer = await ports.ask(mine.signal);
    if (asking !== mine || stopped.signal.aborted) return "dropped";
    asking = null;
    accept(answer);
    draw();
    return answer.kind;
  }

  function accept(answer: SessionAnswer): void {
    if (answer.kind === "silent") return;
    const now = serverTimeAt(clock, ports.read().monotonic);
    if (answer.kind === "over") {
      channel.post({ kind: "gone", key: page.key, signedOut: false, at: answer.at ?? now });
      finish(endingAt(answer.at ?? now, deadlines));
    } else if (view.kind === "over") {
      finish("found-again");
    } else if (answer.deadlines.expires !== deadlines.expires && !ports.wasReloadedFrom(page.key)) {
      // The answer does not name the session, but no two have the same absolute end.
      finish("replaced");
    } else {
      learn(answer.deadlines, answer.monotonic);
      clock = setClock(answer.deadlines.at, answer.monotonic, clock.last);
      jumpedMs = 0;
      tellTabs();
    }
  }

  function learn(fresh: Deadlines, monotonic: number): void {
    deadlines = fresh;
    heardAt = monotonic;
    isUnreachable = false;
  }

  function tellTabs(): void {
    channel.post({ kind: "deadlines", key: page.key, ...deadlines });
  }

  function hear(message: TabMessage): void {
    if (message.kind === "gone") hearGone(message);
    else if (message.kind === "dismissed") {
      if (message.key === page.key) dismissedEnd = message.end;
    } else if (view.kind === "over") {
      if (view.why === "unreachable") void ask();
    } else if (message.key === page.key) {
      const { monotonic } = ports.read();
      const { idleExpiresAt, expires, at } = message;
      const age = Math.max(0, serverTimeAt(clock, monotonic) - at);
      if (tellsMore(message, deadlines)) learn({ idleExpiresAt, expires, at }, monotonic - age);
    } else if (message.at > deadlines.at) {
      if (!ports.wasReloadedFrom(page.key)) finish("replaced");
    } else {
      // That tab shows a session that this one's has replaced.
      tellTabs();
    }
    draw();
  }

  function hearGone({ key, signedOut, at }: Extract<TabMessage, { kind: "gone" }>): void {
    if (key === page.key || (key === null && signedOut && at > deadlines.at)) {
      finish(signedOut ? "signed-out" : endingAt(at, deadlines));
    } else if (key === null) void ask();
  }

  function finish(why: Ending): void {
    if (view.kind === "over" && view.why !== "unreachable") return;
    if (view.kind === "over" && view.why === why) return;
    asking?.abort();
    asking = null;
    view = { kind: "over", why };
    show(view);
  }

  function draw(): void {
    if (view.kind === "over" || stopped.signal.aborted) return;
    const now = serverTimeAt(clock, ports.read().monotonic);
    const { idleSeconds } = page;
    const isAsking = asking !== null;
    const next = nextView(view, { deadlines, idleSeconds, now, dismissedEnd, isAsking, isStaying, isUnreachable });
    if (JSON.stringify(next) === JSON.stringify(view)) return;
    view = next;
    show(view);
  }

  function isOver(): boolean {
    return view.kind === "over";
  }

  async function stay(): Promise<void> {
    if (isStaying || isOver()) return;
    isStaying = true;
    isUnreachable = false;
    // Its answer would be older than the one to this.
    asking?.abort();
    asking = null;
    draw();
    const answer = await ports.keepAlive(stopped.signal);
    isStaying = false;
    if (stopped.signal.aborted || isOver()) return;
    isUnreachable = answer.kind === "silent";
    accept(answer);
    draw();
  }

  return {
    nudge(force) {
      if (view.kind === "over" && view.why !== "unreachable") return;
      const isDue = force || view.kind === "over" || mayNudge({ askedAt, heardAt }, ports.read().monotonic);
      if (isDue) void ask();
    },
    stay: () => void stay(),
    dismiss() {
      dismissedEnd = endOf(deadlines);
      channel.post({ kind: "dismissed", key: page.key, end: dismissedEnd });
      draw();
    },
    stop() {
      stopped.abort();
      asking?.abort();
      clearTimeout(timer);
      channel.close();
    },
  };
}
