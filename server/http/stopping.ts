import "server-only";
import type { Server } from "node:http";
import type { Socket } from "node:net";

let isStopping = false;
const servers = new Set<Server>();
const sockets = new Set<Socket>();
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
    setInterval(closeIdle, idleCheckMs).unref();
  });
}

/**
 * Has a server end, once it is told to stop, what becomes idle after that: Node closes what is idle at that moment alone, and
 * an answer that had begun before leaves its connection open for as long as a load balancer would keep it.
 */
export function closeWhenIdle(server: Server): void {
  servers.add(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
}

function closeIdle(): void {
  for (const server of servers) server.closeIdleConnections();
  // To Node one that was opened ahead, as browsers do, is not idle: it waits a minute for its first request.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
}

/** Whether the answer going out is the last of its connection. */
export function isLastAnswer(): boolean {
  return isStopping;
}
