import "server-only";
import type { IncomingMessage } from "node:http";

// A service may pause for long, but not for ever. Events may be as rare as they like.
const longestPauseMs = 60_000;

export interface DownloadOptions {
  /** Whether an empty chunk comes first: with it Next sends the head, and not with the first byte. */
  headAtOnce?: boolean;
  /** How long the service may say nothing, but for events. */
  pauseMs?: number;
  /** Aborted where the session is over. Events end then; of anything else, nobody must think that it was whole. */
  over?: AbortSignal;
}

/** Whether an answer goes on for as long as it likes. */
export function isEventStream({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return /^text\/event-stream\b/i.test(headers["content-type"] ?? "");
}

/**
 * A service's answer as a stream that reads nothing ahead: Node's own conversion counts chunks where it means bytes, and
 * holds up to a gigabyte for a browser that reads slowly. Whoever cancels it hangs up on the service.
 */
export function downloadOf(
  upstream: IncomingMessage,
  { headAtOnce = false, pauseMs = longestPauseMs, over }: DownloadOptions = {},
): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Buffer> = upstream[Symbol.asyncIterator]();
  const isEvents = isEventStream(upstream);
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
        } catch (error) {
          if (!isEvents || !over?.aborted) throw error;
          controller.close();
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
