import "server-only";

let isStopping = false;

/**
 * Begins to notice that the process was told to stop. Next then takes no new connection and answers what is under way, but
 * waits for every connection that somebody keeps open, and for each request that still comes on one.
 *
 * @param flush sends what is kept here for others, such as spans
 */
export function noticeStop(flush: () => void): void {
  // A listener of ours alone would keep the process from ending at all.
  if (process.listenerCount("SIGTERM") === 0) return;
  process.once("SIGTERM", () => {
    isStopping = true;
    flush();
  });
}

/** Whether the answer going out is the last of its connection. */
export function isLastAnswer(): boolean {
  return isStopping;
}
