import { connect, createServer, type Server, type Socket } from "node:net";

export interface DatabaseWire {
  url: string;
  /** Ends every connection and accepts none until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Leads to another server from now on; what is open to the former one ends. */
  moveTo(directUrl: string): void;
  close(): Promise<void>;
}

/** A TCP relay in front of the database, so that a test can cut the wire without harming anybody else's. */
export async function openWire(directUrl: string): Promise<DatabaseWire> {
  let target = new URL(directUrl);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const opened = createServer((incoming) => {
        const outgoing = connect(Number(target.port), target.hostname);
        for (const [from, to] of [
          [incoming, outgoing],
          [outgoing, incoming],
        ] as const) {
          sockets.add(from);
          from.on("error", () => to.destroy());
          from.on("close", () => {
            sockets.delete(from);
            to.destroy();
          });
          from.pipe(to);
        }
      });
      opened.once("error", reject);
      opened.listen(port, "127.0.0.1", () => {
        server = opened;
        resolve((opened.address() as { port: number }).port);
      });
    });
  const port = await listen(0);
  const cut = async () => {
    const closing = server;
    server = undefined;
    if (!closing) return;
    const closed = new Promise<void>((resolve) => closing.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const url = new URL(directUrl);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return {
    url: url.href,
    cut,
    mend: async () => {
      await listen(port);
    },
    moveTo: (directUrl) => {
      target = new URL(directUrl);
      for (const socket of sockets) socket.destroy();
    },
    close: cut,
  };
}
