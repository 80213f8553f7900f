import "server-only";
import { type Deadline, onDeadline } from "./deadline";

/** Why a fetch brought no answer. `cause` is what `fetch` threw. */
export class FetchFault extends Error {
  override readonly name = "FetchFault";

  constructor(
    readonly kind: "timeout" | "connection" | "size",
    options?: ErrorOptions,
  ) {
    super(`No answer: ${kind}.`, options);
  }
}

export interface BoundedRequest {
  method: "GET" | "POST";
  headers?: HeadersInit;
  body?: URLSearchParams | string;
  /** Over connecting, headers and body together. */
  deadline: Deadline;
  /** How many bytes of a body are read, after decompression; 0 for an answer whose body nobody wants. */
  mostBytes: (status: number) => number;
}

/** An answer whose body was read whole, within its cap; empty where none was wanted. */
export interface BoundedAnswer {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

/**
 * A fetch with one deadline over all of it and a cap of its body, that follows no redirect, keeps nothing and sends no cookie.
 * What leaves the server for an address of configuration leaves by this.
 *
 * @throws FetchFault
 */
export async function fetchBounded(url: URL | string, request: BoundedRequest): Promise<BoundedAnswer> {
  const { method, headers, body, deadline, mostBytes } = request;
  const timeout = new AbortController();
  const callOff = onDeadline(deadline, () => timeout.abort());
  try {
    const response = await fetch(url, {
      method,
      ...(headers && { headers }),
      ...(body && { body }),
      redirect: "manual",
      cache: "no-store",
      credentials: "omit",
      signal: timeout.signal,
    });
    const read = await readCapped(response, mostBytes(response.status));
    return { status: response.status, headers: response.headers, body: read };
  } catch (cause) {
    if (cause instanceof FetchFault) throw cause;
    throw new FetchFault(timeout.signal.aborted ? "timeout" : "connection", { cause });
  } finally {
    callOff();
  }
}

async function readCapped(response: Response, most: number): Promise<Uint8Array<ArrayBuffer>> {
  if (most === 0) {
    // However long it is, nobody wants it: this closes the connection.
    await response.body?.cancel().catch(() => {});
    return new Uint8Array();
  }
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || !value) return new Uint8Array(Buffer.concat(chunks));
    size += value.byteLength;
    if (size > most) {
      await reader?.cancel();
      throw new FetchFault("size");
    }
    chunks.push(value);
  }
}
