import "server-only";
import { ServiceError } from "./errors";

type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

const smallBytes = 64 * 1024;

/**
 * A small body read whole, so that it can be sent again with a new token where a service refuses the one that it came with.
 * A larger one, or one that does not say how large it is, stays a stream.
 *
 * @param contentLength in bytes, where it is known
 * @throws ServiceError `invalid_request` for one that ends before its time
 */
export async function keepSmall(body: ReadableStream<Uint8Array>, contentLength: number | null): Promise<Body> {
  if (contentLength === null || contentLength > smallBytes) return body;
  try {
    return new Uint8Array(await new Response(body).arrayBuffer());
  } catch (cause) {
    throw new ServiceError("invalid_request", { cause });
  }
}
