import "server-only";

// On globalThis: a bundle may hold this module more than once, and each copy would refresh for itself.
const held = globalThis as typeof globalThis & {
  daemunFlights?: Map<string, Promise<unknown>>;
  daemunQueues?: Map<string, Promise<unknown>>;
};

/** Shares work that is under way in this process: whoever comes while `key` is in the air gets what it brings. */
export function share<T>(key: string, work: () => Promise<T>): Promise<T> {
  held.daemunFlights ??= new Map();
  const flights = held.daemunFlights as Map<string, Promise<T>>;
  let flight = flights.get(key);
  if (!flight) {
    flight = work().finally(() => flights.delete(key));
    flights.set(key, flight);
  }
  return flight;
}

/** Runs work after all that came before it under the same key in this process, whatever became of that. */
export function inOrder<T>(key: string, work: () => Promise<T>): Promise<T> {
  held.daemunQueues ??= new Map();
  const queues = held.daemunQueues;
  const mine = (queues.get(key) ?? Promise.resolve()).then(work, work);
  queues.set(key, mine);
  const forget = () => {
    if (queues.get(key) === mine) queues.delete(key);
  };
  mine.then(forget, forget);
  return mine;
}
