"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { CountdownDialog } from "./countdown-dialog";
import { depart, wasReloadedFrom } from "./departure";
import { askSession, keepAlive } from "./session-api";
import { openSessionChannel } from "./session-channel";
import type { Reading } from "./session-clock";
import { SessionOver } from "./session-over";
import type { SessionTexts } from "./session-texts";
import type { WatchView } from "./watch-view";
import { type SessionWatcher, watchSession } from "./watcher";

/** The session of a page, for the watch over it. */
export interface WatchedSession {
  /** Times are ISO 8601, by the server's clock. */
  session: { /** Its public id. */ key: string; idleExpiresAt: string; expires: string; idleSeconds: number };
  /** The server's time when it rendered this. */
  now: string;
  /** Of this session, for the form that signs out. */
  csrfToken: string;
  texts: SessionTexts;
}

export interface CountdownProps extends WatchedSession {
  /** Takes what stands in the content's place from now on: once the session is over a statement, and null while it lives. */
  onEnd: (statement: ReactNode) => void;
}

const quiet: WatchView = { kind: "quiet" };

/** Warns before the session ends by itself, in all tabs alike, and says when it is over, however that came about. */
export function Countdown({ session, now, csrfToken, texts, onEnd }: CountdownProps) {
  const { key, idleExpiresAt, expires, idleSeconds } = session;
  const [view, setView] = useState(quiet);
  const [loadedAt] = useState(now);
  const watcher = useRef<SessionWatcher>(null);

  useEffect(() => {
    const at = Date.parse(now);
    const deadlines = { idleExpiresAt: Date.parse(idleExpiresAt), expires: Date.parse(expires), at };
    const monotonic = now === loadedAt ? arrivalOfPage() : performance.now();
    const read = (): Reading => ({ monotonic: performance.now(), wall: Date.now() });
    const watching = watchSession(
      { key, idleSeconds, deadlines, monotonic },
      {
        read,
        ask: (aborted) => askSession(read, aborted),
        keepAlive: (aborted) => keepAlive(read, aborted),
        openChannel: openSessionChannel,
        jitterMs: Math.random() * 5_000,
        wasReloadedFrom,
      },
      (next) => {
        setView(next);
        onEnd(next.kind === "over" ? <SessionOver why={next.why} texts={texts.over} /> : null);
      },
    );
    watcher.current = watching;
    const stopListening = listen(watching);
    return () => {
      stopListening();
      watching.stop();
    };
  }, [key, idleSeconds, idleExpiresAt, expires, now, loadedAt, texts, onEnd]);

  const why = view.kind === "over" ? view.why : null;
  useEffect(() => {
    if (why) depart(why, key);
  }, [why, key]);

  if (why) return null;
  return (
    <CountdownDialog
      warning={view.kind === "warning" ? view : null}
      csrfToken={csrfToken}
      texts={texts}
      onStay={() => watcher.current?.stay()}
      onDismiss={() => watcher.current?.dismiss()}
    />
  );
}

/** When, by the monotonic clock, the page came in: its scripts may have started much later. */
function arrivalOfPage(): number {
  const [navigation] = performance.getEntriesByType("navigation");
  return navigation instanceof PerformanceNavigationTiming && navigation.responseStart > 0
    ? navigation.responseStart
    : performance.now();
}

/** What may have happened while nobody looked is asked for as soon as somebody does. */
function listen(watching: SessionWatcher): () => void {
  const back = () => {
    if (document.visibilityState === "visible") watching.nudge(false);
  };
  const shown = (event: PageTransitionEvent) => {
    if (event.persisted) watching.nudge(true);
  };
  document.addEventListener("visibilitychange", back);
  window.addEventListener("focus", back);
  window.addEventListener("online", back);
  window.addEventListener("pageshow", shown);
  return () => {
    document.removeEventListener("visibilitychange", back);
    window.removeEventListener("focus", back);
    window.removeEventListener("online", back);
    window.removeEventListener("pageshow", shown);
  };
}
