import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createGzip } from "node:zlib";
import { type Fault, faultOf } from "../faults";
import type { PreparedResponse } from "./inner";

const filler = Buffer.alloc(64 * 1024, "x");

/** Cuts the connection with a TCP reset, as a crashed server does. */
export function resetConnection(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** Sends a prepared answer the way the faults want it sent. Resolves when the last byte is out or the peer is gone. */
export async function send(
  response: ServerResponse,
  prepared: PreparedResponse,
  faults: readonly Fault[],
): Promise<void> {
  const truncate = faultOf(faults, "truncate");
  const drip = faultOf(faults, "drip");
  if (!truncate && !drip) {
    response.writeHead(prepared.status, prepared.headers);
    response.end(prepared.body);
    return;
  }
  response.writeHead(prepared.status, { ...prepared.headers, "content-length": prepared.body.length });
  const body = truncate ? prepared.body.subarray(0, truncate.bytes) : prepared.body;
  if (drip) {
    for (let start = 0; start < body.length && !response.destroyed; start += drip.bytes) {
      response.write(body.subarray(start, start + drip.bytes));
      await sleep(drip.everyMs, undefined, { ref: false });
    }
  } else {
    await new Promise((resolve) => response.write(body, resolve));
  }
  if (truncate) resetConnection(response);
  else response.end();
}

/** Sends filler until `bytes` are out, or without end; stops when the peer hangs up. */
export function flood(
  response: ServerResponse,
  { bytes, contentType }: Extract<Fault, { kind: "flood" }>,
): Promise<void> {
  response.writeHead(200, { "content-type": contentType });
  return pipeline(Readable.from(repeat(filler, bytes ?? Number.POSITIVE_INFINITY)), response);
}

/** Sends zeros under gzip: about a thousandth of what the receiver will unpack. */
export function gzipBomb(
  response: ServerResponse,
  { bytes, contentType }: Extract<Fault, { kind: "gzip_bomb" }>,
): Promise<void> {
  response.writeHead(200, { "content-type": contentType, "content-encoding": "gzip" });
  return pipeline(Readable.from(repeat(Buffer.alloc(filler.length), bytes)), createGzip(), response);
}

function* repeat(block: Buffer, bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += block.length) yield block.subarray(0, Math.min(block.length, bytes - sent));
}
