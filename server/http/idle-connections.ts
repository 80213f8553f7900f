import "server-only";
import diagnostics from "node:diagnostics_channel";
import type { Server } from "node:http";

const ofNodeMs = 5_000;
const keptMs = 75_000;

/**
 * Keeps idle connections longer than what stands in front does, 60 seconds with most. With Node's own five seconds a
 * request may set out over a connection that is being closed, and a load balancer answers it 502. Where the start was told
 * another time (`--keepAliveTimeout`), that one stays. Called once at start.
 */
export function keepIdleConnections(): void {
  diagnostics.subscribe("http.server.request.start", (message) => {
    const { server } = message as { server: Server };
    if (server.keepAliveTimeout === ofNodeMs) server.keepAliveTimeout = keptMs;
  });
}
