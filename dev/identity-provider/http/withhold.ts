import type { ServerResponse } from "node:http";
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
export async function flood(response: ServerResponse, fault: Extract<Fault, { kind: "flood" }>): Promise<void> {
  response.writeHead(200, { "content-type": fault.contentType });
  for (let sent = 0; (fault.bytes === null || sent < fault.bytes) && !response.destroyed; sent += filler.length) {
    const chunk = fault.bytes === null ? filler : filler.subarray(0, Math.min(filler.length, fault.bytes - sent));
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

/** Sends zeros under gzip: about a thousandth of what the receiver will unpack. */
export async function gzipBomb(response: ServerResponse, fault: Extract<Fault, { kind: "gzip_bomb" }>): Promise<void> {
  response.writeHead(200, { "content-type": fault.contentType, "content-encoding": "gzip" });
  const gzip = createGzip();
  gzip.pipe(response);
  const zeros = Buffer.alloc(filler.length);
  for (let sent = 0; sent < fault.bytes && !response.destroyed; sent += zeros.length) {
    const chunk = zeros.subarray(0, Math.min(zeros.length, fault.bytes - sent));
    if (!gzip.write(chunk)) await new Promise((resolve) => gzip.once("drain", resolve).once("close", resolve));
  }
  gzip.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
