"use client";

import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import type { CountdownProps, WatchedSession } from "./countdown";
import { SessionEnd } from "./session-end";

interface SessionWatchProps extends WatchedSession {
  /** The page: what in it is only for the user who is signed in asks `SessionEnd` whether it may still be there. */
  children: ReactNode;
}

// A network that was away for a moment must not leave a page without its watch.
const retryMs = 10_000;

/**
 * Wraps a page of somebody who is signed in: has what is theirs taken away as soon as the session is over. What finds that out is
 * a script of its own, which pages for strangers do not load.
 */
export function SessionWatch({ children, ...watched }: SessionWatchProps) {
  const [end, setEnd] = useState<ReactNode>(null);
  const [Countdown, setCountdown] = useState<ComponentType<CountdownProps> | null>(null);

  useEffect(() => {
    let isHere = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    function load(): void {
      import("./countdown").then(
        (loaded) => {
          if (isHere) setCountdown(() => loaded.Countdown);
        },
        () => {
          if (isHere) timer = setTimeout(load, retryMs);
        },
      );
    }
    load();
    return () => {
      isHere = false;
      clearTimeout(timer);
    };
  }, []);

  return (
    <SessionEnd value={end}>
      {children}
      {Countdown && <Countdown {...watched} onEnd={setEnd} />}
    </SessionEnd>
  );
}
