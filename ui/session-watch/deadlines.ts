/** When a session ends, and when the server said so. All by the server's clock, in milliseconds since 1970. */
export interface Deadlines {
  idleExpiresAt: number;
  expires: number;
  /** The server's time at which this was true. */
  at: number;
}

/** Two minutes before its end, or half of a very short idle time. */
export function warningMs(idleSeconds: number): number {
  return Math.min(120, idleSeconds / 2) * 1000;
}

/** When the session ends if nobody does anything. */
export function endOf({ idleExpiresAt, expires }: Deadlines): number {
  return Math.min(idleExpiresAt, expires);
}

/** Whether being there can still move the end, or the session has come to its absolute one. */
export function canStay({ idleExpiresAt, expires }: Deadlines): boolean {
  return idleExpiresAt < expires;
}

/**
 * Whether `heard` tells more than `known` about the same session. A later idle deadline always does: only a person
 * makes it later, and two instances of the server need not have the same time to the second.
 */
export function tellsMore(heard: Deadlines, known: Deadlines): boolean {
  return heard.at > known.at || heard.idleExpiresAt > known.idleExpiresAt;
}

/** Whole seconds that are left, rounded up: 0 only when it is over. */
export function secondsUntil(end: number, now: number): number {
  return Math.max(0, Math.ceil((end - now) / 1000));
}

/** `1:59`: minutes and seconds, as a clock on the wall of a station has them. */
export function asClockFace(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
