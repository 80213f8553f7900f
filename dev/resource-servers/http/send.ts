import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { resetConnection } from "../../provider/http/withhold";
import { faultOf, type ServiceFault } from "../control/faults";
import type { ServiceRequest } from "../control/journal";
import type { Answer } from "./answer";

interface Sending {
  faults: readonly ServiceFault[];
  /** Is told what was sent. */
  entry: ServiceRequest;
  /** Aborts when the caller is gone. */
  signal: AbortSignal;
}

/**
 * Sends an answer the way the faults want it sent, no faster than the caller reads. Resolves when the last byte is
 * handed over or the caller is gone.
 */
export async function send(
  response: ServerResponse,
  answer: Answer,
  { faults, entry, signal }: Sending,
): Promise<void> {
  const { status, headers, body } = answer;
  const drip = faultOf(faults, "drip");
  const afterBytes = faultOf(faults, "reset")?.afterBytes;
  entry.status = status;
  const fixed = Buffer.isBuffer(body) && status !== 204 ? { "content-length": body.length } : {};
  response.writeHead(status, { ...fixed, ...headers });
  if (Buffer.isBuffer(body) && !drip && afterBytes === undefined) {
    entry.sentBytes = body.length;
    response.end(body);
    return;
  }
  response.flushHeaders();
  const whole = Buffer.isBuffer(body) ? [body] : body;
  try {
    for await (const chunk of drip ? dripping(whole, drip, signal) : whole) {
      const left = (afterBytes ?? Number.POSITIVE_INFINITY) - entry.sentBytes;
      if (chunk.length >= left) return await cut(response, chunk.subarray(0, left), entry);
      await write(response, chunk, entry, signal);
    }
    response.end();
  } catch (error) {
    if (signal.aborted) return;
    console.error("a sample service:", error);
    resetConnection(response);
  }
}

async function write(
  response: ServerResponse,
  chunk: Buffer,
  entry: ServiceRequest,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  entry.sentBytes += chunk.length;
  if (!response.write(chunk)) await once(response, "drain", { signal });
}

async function cut(response: ServerResponse, chunk: Buffer, entry: ServiceRequest): Promise<void> {
  entry.sentBytes += chunk.length;
  if (chunk.length > 0) await new Promise((resolve) => response.write(chunk, resolve));
  resetConnection(response);
}

async function* dripping(
  body: AsyncIterable<Buffer> | Iterable<Buffer>,
  { bytes, everyMs }: Extract<ServiceFault, { kind: "drip" }>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    for (let start = 0; start < chunk.length; start += bytes) {
      await sleep(everyMs, undefined, { ref: false, signal });
      yield chunk.subarray(start, start + bytes);
    }
  }
}
