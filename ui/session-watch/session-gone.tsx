"use client";

import { useEffect } from "react";
import { openSessionChannel } from "./session-channel";

interface SessionGoneProps {
  /** ISO 8601: when, by the server's clock, this browser had no session. */
  now: string;
  /** Whether somebody signed out on purpose. */
  signedOut?: boolean;
}

/** Tells the other tabs, which may still show somebody, that this browser has no session. */
export function SessionGone({ now, signedOut = false }: SessionGoneProps) {
  useEffect(() => {
    const channel = openSessionChannel(() => {});
    channel.post({ kind: "gone", key: null, signedOut, at: Date.parse(now) });
    channel.close();
  }, [now, signedOut]);
  return null;
}
