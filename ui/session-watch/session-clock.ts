/** What the two clocks of this tab say. Milliseconds. */
export interface Reading {
  /** `performance.now()`: never set by anybody, but it may stand still while the machine sleeps. */
  monotonic: number;
  /** `Date.now()`: runs on through a sleep, but anybody may set it. */
  wall: number;
}

/** The server's clock, as far as this tab knows it. */
export interface ServerClock {
  /** What the server's clock said … */
  serverTime: number;
  /** … when this tab's monotonic clock said this. */
  monotonic: number;
  /** The last reading, against which the next is held. */
  last: Reading;
}

// Clocks are slewed by milliseconds. Whoever sets one, or sleeps, moves it by more than this.
const jumpMs = 2_000;

/** Sets the clock to `serverTime`, which was true when the monotonic clock said `monotonic`. */
export function setClock(serverTime: number, monotonic: number, last: Reading): ServerClock {
  return { serverTime, monotonic, last };
}

/** The server's time now: its own, plus what has passed here since. The tab's wall clock has no part in it. */
export function serverTimeAt(clock: ServerClock, monotonic: number): number {
  return clock.serverTime + (monotonic - clock.monotonic);
}

/**
 * Notes a reading. `jumpedMs` is by how much the wall clock went ahead of the monotonic one since the last reading, or
 * 0: the machine slept, or somebody set the clock. Which of the two, only the server can tell.
 */
export function readClock(clock: ServerClock, reading: Reading): { clock: ServerClock; jumpedMs: number } {
  const ahead = reading.wall - clock.last.wall - (reading.monotonic - clock.last.monotonic);
  return { clock: { ...clock, last: reading }, jumpedMs: Math.abs(ahead) > jumpMs ? ahead : 0 };
}

/**
 * After a jump about which the server could not be asked: supposes that the machine slept. A sleep may have used the
 * session up, and a clock set back never makes one longer.
 */
export function supposeSleep(clock: ServerClock, jumpedMs: number): ServerClock {
  return { ...clock, serverTime: clock.serverTime + Math.max(0, jumpedMs) };
}
