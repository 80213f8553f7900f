import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An OpenTelemetry collector of the tests: keeps what is sent to it, as it came. */
export interface Collector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  url: string;
  /** All bytes of a signal so far. In OTLP's protobuf texts stand as they are. */
  received(signal: "traces" | "metrics"): string;
  close(): Promise<void>;
}

/** Opens one on loopback (OTLP over HTTP). */
export async function openCollector(): Promise<Collector> {
  const heard: Record<string, string> = {};
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const signal = request.url ?? "";
    heard[signal] = (heard[signal] ?? "") + body;
    response.writeHead(200, { "Content-Type": "application/x-protobuf" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (signal) => heard[`/v1/${signal}`] ?? "",
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
