import "server-only";
import type { ClientRequest } from "node:http";
import { ServiceError } from "./errors";

/** A body on its way to a service. */
export interface Upload {
  /** Whether the next bytes have yet to come from whoever sends them. */
  isWaiting(): boolean;
  /**
   * Sends it, no faster than the service reads. Where the service hangs up before the end, the rest is read away: whoever is
   * in the middle of sending hears an answer only then. `moved` is called whenever bytes did.
   *
   * @throws whatever ends the body before its time
   */
  sendTo(outgoing: ClientRequest, moved: () => void): Promise<void>;
}

/** Nothing is read ahead, and nothing kept. */
export function createUpload(body: ReadableStream<Uint8Array>): Upload {
  const reader = body.getReader();
  let waiting = false;
  async function next() {
    waiting = true;
    try {
      return await reader.read();
    } finally {
      waiting = false;
    }
  }
  return {
    isWaiting: () => waiting,
    async sendTo(outgoing, moved) {
      try {
        for (;;) {
          const { done, value } = await next();
          if (done) break;
          if (outgoing.destroyed) continue;
          moved();
          if (!outgoing.write(value)) await untilDrained(outgoing);
          moved();
        }
      } catch (error) {
        outgoing.destroy();
        throw error;
      }
      if (!outgoing.destroyed) outgoing.end();
    },
  };
}

function untilDrained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      outgoing.off("drain", go).off("close", go);
      resolve();
    };
    outgoing.on("drain", go).on("close", go);
    if (outgoing.destroyed) go();
  });
}

/** Up to this size a body is read whole, on its way to a service as on its way back. */
export const smallBytes = 64 * 1024;

/**
 * A small body read whole, so that it can be sent again with a new token where a service refuses the one that it came with.
 * A larger one, or one that does not say how large it is, stays a stream.
 *
 * @param contentLength in bytes, where it is known
 * @throws ServiceError `invalid_request` for one that ends before its time
 */
export async function keepSmall(
  body: ReadableStream<Uint8Array>,
  contentLength: number | null,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>> {
  if (contentLength === null || contentLength > smallBytes) return body;
  try {
    return new Uint8Array(await new Response(body).arrayBuffer());
  } catch (cause) {
    throw new ServiceError("invalid_request", { cause });
  }
}
