import "server-only";
import { AsyncResource } from "node:async_hooks";

// Each takes some milliseconds until it waits for something for the first time.
const perTurn = 4;

const waiting: (() => void)[] = [];
let begun = 0;
let isTurning = false;

/**
 * Begins a few requests in each turn of the event loop, in the order of arrival. Of a crowd that arrives in one moment, all
 * would begin before any answer of the database or a provider is read, and whoever came first would be late with the last.
 */
export function beginInTurn(begin: () => void): void {
  if (begun < perTurn && waiting.length === 0) {
    begun += 1;
    begin();
  } else {
    // Each in the context that it came with.
    waiting.push(AsyncResource.bind(begin));
  }
  takeTurn();
}

function takeTurn(): void {
  if (isTurning) return;
  isTurning = true;
  setImmediate(() => {
    isTurning = false;
    const next = waiting.splice(0, perTurn);
    begun = next.length;
    if (begun > 0) takeTurn();
    for (const begin of next) begin();
  });
}
