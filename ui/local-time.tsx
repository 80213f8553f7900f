"use client";

import { useSyncExternalStore } from "react";
import { momentFormat, timeFormat } from "./moment-format";

interface LocalTimeProps {
  /** ISO 8601, UTC. */
  at: string;
  locale: string;
  /** The same moment as the server wrote it. Node and the browser word dates a little differently, so it is not computed twice. */
  written: string;
  /** Only the time of day, where the day stands above it. */
  timeOnly?: boolean;
}

const never = () => () => {};

/** A moment in the reader's own time zone; in UTC where JavaScript is off. */
export function LocalTime({ at, locale, written, timeOnly = false }: LocalTimeProps) {
  const text = useSyncExternalStore(
    never,
    () => new Intl.DateTimeFormat(locale, timeOnly ? timeFormat : momentFormat).format(new Date(at)),
    () => written,
  );
  return (
    // In a client component the browser words the server's text once more, and may do so differently.
    <time dateTime={at} className="tabular-nums" suppressHydrationWarning>
      {text}
    </time>
  );
}
