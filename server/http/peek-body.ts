import "server-only";
import type { IncomingMessage } from "node:http";

// What Node's own streams answer with when `fetch` asks whether a body is whole: it refuses one that was begun.
const isDisturbed = Symbol.for("nodejs.stream.disturbed");

/**
 * Reads the body of a request and puts it back, so that who reads it next does not notice.
 *
 * @param limit bytes
 * @returns null when it is larger, or breaks off
 */
export function peekBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (body: Buffer | null) => {
      request.off("readable", read).off("close", breakOff);
      resolve(body);
    };
    const breakOff = () => settle(null);
    const read = () => {
      for (let chunk = request.read() as Buffer | null; chunk !== null; chunk = request.read() as Buffer | null) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > limit) return settle(null);
      }
      if (!request.complete) return;
      const body = Buffer.concat(chunks);
      // Before the stream says that it has ended: it does so in the next tick, unless there is something in it again.
      request.unshift(body);
      Object.assign(request, { [isDisturbed]: false });
      settle(body);
    };
    request.on("readable", read).on("close", breakOff);
  });
}
