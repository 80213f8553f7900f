import "server-only";
import { performance } from "node:perf_hooks";

// As much as whoever waits for us can be made to wait longer.
const longestExtensionMs = 1_000;

/**
 * A limit on waiting for somebody else. Time in which this process was not allowed to run does not count, up to a second:
 * on a starved machine the answer may be there long before it can be read, and nobody was slow but we.
 */
export interface Deadline {
  /** Milliseconds that are left; none below zero. */
  leftMs(): number;
}

/** A deadline `ms` milliseconds from now. */
export function deadlineIn(ms: number): Deadline {
  const began = performance.now();
  const ranBefore = ranMs();
  return {
    leftMs: () => {
      const passed = performance.now() - began;
      return Math.max(0, Math.min(ms - Math.min(passed, ranMs() - ranBefore), ms + longestExtensionMs - passed));
    },
  };
}

/** One that ends `ms` milliseconds from now by the clock on the wall, whatever this process could do meanwhile. */
export function wallDeadlineIn(ms: number): Deadline {
  const ends = performance.now() + ms;
  return { leftMs: () => Math.max(0, ends - performance.now()) };
}

/** The one of two that is over first. */
export function earlier(one: Deadline, other: Deadline | undefined): Deadline {
  return other && other.leftMs() < one.leftMs() ? other : one;
}

/** Calls `late` once the deadline is over, and what had arrived by then was read. Answers what calls that off. */
export function onDeadline(deadline: Deadline, late: () => void): () => void {
  let timer: NodeJS.Timeout;
  let isOff = false;
  const check = () => {
    // After the timers sockets are read, and only then this runs: an answer that is there comes first.
    setImmediate(() => {
      if (isOff) return;
      if (deadline.leftMs() > 0) wait();
      else late();
    });
  };
  const wait = () => {
    timer = setTimeout(check, Math.ceil(deadline.leftMs()));
  };
  wait();
  return () => {
    isOff = true;
    clearTimeout(timer);
  };
}

/** How long this process has waited for events or used the processor. What other processes took of it is in neither. */
function ranMs(): number {
  const { user, system } = process.cpuUsage();
  return performance.eventLoopUtilization().idle + (user + system) / 1_000;
}

/**
 * What `work` gives, if it does so within `timeoutMs`. What comes later is dropped: nobody can stop it.
 *
 * @throws whatever `late` makes, once the time is over
 */
export async function inTime<T>(timeoutMs: number, work: () => Promise<T>, late: () => Error): Promise<T> {
  let callOff = () => {};
  const over = new Promise<never>((_, reject) => {
    callOff = onDeadline(deadlineIn(timeoutMs), () => reject(late()));
  });
  return Promise.race([work(), over]).finally(callOff);
}
