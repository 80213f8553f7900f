import { createServer, type Server, type Socket } from "node:net";
import { findFreePort } from "../../dev/process/ports";

/** A place that nobody may ever be sent to. */
export interface Sink {
  /** `http://localhost:<port>`, without a slash at its end. */
  url: string;
  /** `localhost:<port>` */
  host: string;
  /** What each connection said so far; one that said nothing is there too, as an empty text. */
  received(): string[];
  close(): Promise<void>;
}

/** Opens a port that writes down whoever connects, speaks HTTP or not, and answers 200 so that nobody waits. */
export async function openSink(): Promise<Sink> {
  const port = await findFreePort();
  const heard: string[] = [];
  const open = new Set<Socket>();
  const listener = (socket: Socket) => {
    const at = heard.push("") - 1;
    open.add(socket);
    socket.on("error", () => {}).once("close", () => open.delete(socket));
    socket.on("data", (data) => {
      heard[at] += data.toString("latin1");
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nevil");
    });
  };
  // `localhost` may be either, and nobody may slip past.
  const servers = [await listen(listener, port, "127.0.0.1"), await listen(listener, port, "::1")];
  return {
    url: `http://localhost:${port}`,
    host: `localhost:${port}`,
    received: () => [...heard],
    close: async () => {
      for (const socket of open) socket.destroy();
      await Promise.all(servers.map((server) => server && new Promise((resolve) => server.close(resolve))));
    },
  };
}

function listen(listener: (socket: Socket) => void, port: number, host: string): Promise<Server | null> {
  const server = createServer(listener);
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no such address.
      if (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") resolve(null);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}
