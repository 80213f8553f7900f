import "server-only";
import { AsyncResource } from "node:async_hooks";

// Each takes some milliseconds until it waits for something for the first time.
const perTurn = 4;

const waiting: (() => boolean)[] = [];
let begun = 0;
let isScheduled = false;

/**
 * Begins a few requests in each turn of the event loop, in the order of arrival. Of a crowd that arrives in one moment, all
 * would begin before any answer of the database or a provider is read, and whoever came first would be late with the last.
 *
 * @param begin gives false where nothing was to be begun any more: that takes nobody's place
 */
export function queueRequest(begin: () => boolean): void {
  if (begun < perTurn && waiting.length === 0) {
    begun += 1;
    if (!begin()) begun -= 1;
  } else {
    // Each in the context that it came with.
    waiting.push(AsyncResource.bind(begin));
  }
  scheduleNext();
}

function scheduleNext(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(() => {
    isScheduled = false;
    begun = 0;
    if (waiting.length > 0) scheduleNext();
    while (begun < perTurn) {
      const begin = waiting.shift();
      if (!begin) break;
      if (begin()) begun += 1;
    }
  });
}
