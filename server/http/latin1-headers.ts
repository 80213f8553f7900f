import "server-only";
import type { ServerResponse } from "node:http";

/**
 * Has a response send its headers byte by byte. Node writes them as Latin-1, which is how they were read, but for
 * `flushHeaders()`: that writes UTF-8, and of the name of a file in `Content-Disposition` makes another. Next calls it for
 * each body. Source: RFC 9110, section 5.5.
 */
export function keepHeaderBytes(response: ServerResponse): void {
  response.flushHeaders = () => {
    // An empty piece of the body has the headers go first, as they should.
    if (!response.writableEnded) response.write(new Uint8Array(0));
  };
}
