import "server-only";

const minuteMs = 60_000;
const remembered = 1000;

/**
 * Lets each key through `most` times a minute in this process, so that what strangers can cause at will does not fill a
 * table. Bounded itself: of too many keys the one begun longest ago is forgotten.
 */
export function createMinuteBound(most: number): (key: string) => boolean {
  const minutes = new Map<string, { since: number; count: number }>();
  return (key) => {
    const now = Date.now();
    let minute = minutes.get(key);
    if (!minute || now - minute.since >= minuteMs) {
      minute = { since: now, count: 0 };
      minutes.delete(key);
      minutes.set(key, minute);
      if (minutes.size > remembered) minutes.delete(minutes.keys().next().value as string);
    }
    minute.count += 1;
    return minute.count <= most;
  };
}
