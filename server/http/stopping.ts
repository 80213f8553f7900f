import "server-only";
import type { Server } from "node:http";

let isStopping = false;
const servers = new Set<Server>();
const idleCheckMs = 250;

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
    for (const server of servers) setInterval(() => server.closeIdleConnections(), idleCheckMs).unref();
  });
}

/**
 * Has a server end, once it is told to stop, what becomes idle after that: Node closes what is idle at that moment alone, and
 * an answer that had begun before leaves its connection open for as long as a load balancer would keep it.
 */
export function closeWhenIdle(server: Server): void {
  servers.add(server);
}

/** Whether the answer going out is the last of its connection. */
export function isLastAnswer(): boolean {
  return isStopping;
}
