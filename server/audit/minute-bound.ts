import "server-only";

const minuteMs = 60_000;

/** How often something happened in its minute so far, and how much of that minute is left. */
export interface MinuteCount {
  count: number;
  leftMs: number;
}

/**
 * Counts by key in this process, in minutes that begin with a key's first time. Bounded: of more than `remembered` keys the
 * one begun longest ago is forgotten.
 *
 * @param clock milliseconds that never run backwards
 */
export function createMinuteCounts(remembered: number, clock = () => performance.now()): (key: string) => MinuteCount {
  const minutes = new Map<string, { since: number; count: number }>();
  return (key) => {
    const now = clock();
    let minute = minutes.get(key);
    if (!minute || now - minute.since >= minuteMs) {
      minute = { since: now, count: 0 };
      minutes.delete(key);
      minutes.set(key, minute);
      if (minutes.size > remembered) minutes.delete(minutes.keys().next().value as string);
    }
    minute.count += 1;
    return { count: minute.count, leftMs: minute.since + minuteMs - now };
  };
}

/** Lets each of 1,000 keys through `most` times a minute in this process, so that strangers fill no table at will. */
export function createMinuteBound(most: number, clock?: () => number): (key: string) => boolean {
  const hit = createMinuteCounts(1000, clock);
  return (key) => hit(key).count <= most;
}
