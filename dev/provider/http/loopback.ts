import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface LoopbackServer {
  port: number;
  /** Stops listening and cuts every connection, also those that a fault keeps open. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 and, where the machine has it, on ::1 with the same port, so that `localhost` means this server
 * however it is resolved. Port 0 takes any free one.
 */
export async function listenOnLoopback(listener: RequestListener, port: number): Promise<LoopbackServer> {
  for (let attempt = 0; ; attempt += 1) {
    const v4 = await listen(listener, "127.0.0.1", port);
    const chosen = (v4.address() as AddressInfo).port;
    try {
      const v6 = await listen(listener, "::1", chosen);
      return { port: chosen, close: () => closeAll([v4, v6]) };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") return { port: chosen, close: () => closeAll([v4]) };
      await closeAll([v4]);
      // Another program may have just this port on ::1. Only a free choice can be made again.
      if (port !== 0 || attempt >= 20) throw error;
    }
  }
}

function listen(listener: RequestListener, host: string, port: number): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 5_000 }, listener);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}
