import "server-only";
import type { IncomingMessage } from "node:http";

// A service may pause for long, but not for ever. Events may be as rare as they like.
const longestPauseMs = 60_000;

/**
 * A service's answer as a stream that reads nothing ahead: Node's own conversion counts chunks where it means bytes, and
 * holds up to a gigabyte for a browser that reads slowly. Whoever cancels it hangs up on the service.
 *
 * @param headAtOnce whether an empty chunk comes first: with it Next sends the head, and not with the first byte
 * @param pauseMs how long the service may say nothing, but for events
 */
export function downloadOf(
  upstream: IncomingMessage,
  { headAtOnce = false, pauseMs = longestPauseMs }: { headAtOnce?: boolean; pauseMs?: number } = {},
): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Buffer> = upstream[Symbol.asyncIterator]();
  const isEvents = /^text\/event-stream\b/i.test(upstream.headers["content-type"] ?? "");
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (headAtOnce) controller.enqueue(new Uint8Array(0));
      },
      async pull(controller) {
        const late = isEvents ? undefined : setTimeout(() => upstream.destroy(new Error("It stopped.")), pauseMs);
        try {
          const { done, value } = await chunks.next();
          if (done) controller.close();
          else controller.enqueue(value);
        } finally {
          clearTimeout(late);
        }
      },
      cancel: () => {
        upstream.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
