import { type Answer, Rejection } from "./http/answer";
import type { Call } from "./http/routes";

const block = Buffer.from(Uint8Array.from({ length: 64 * 1024 }, (_, at) => at * 7 + (at >> 8)));
const largest = 16 * 1024 ** 3;

/** The bytes of every download from `start` on: the same each time, cheap, and telling where one is. */
export function* pattern(start: number, length: number): Generator<Buffer> {
  for (let at = start; at < start + length; ) {
    const from = at % block.length;
    const piece = block.subarray(from, Math.min(block.length, from + start + length - at));
    yield piece;
    at += piece.length;
  }
}

/** As many bytes as the path says, or one range of them (RFC 9110 §14). `?chunked=1` does not tell how many. */
export function download({ id, query, rawHeaders }: Pick<Call, "id" | "query" | "rawHeaders">): Answer {
  const size = Number(id);
  if (!/^\d{1,11}$/.test(id) || size > largest) {
    throw new Rejection(422, "invalid_input", "Name the number of bytes: 0 to 16 GB.");
  }
  const range = rangeOf(rawHeaders, size);
  const { start, length } = range ?? { start: 0, length: size };
  return {
    status: range ? 206 : 200,
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="pattern-${size}.bin"`,
      "cache-control": "no-store",
      "accept-ranges": "bytes",
      ...(range ? { "content-range": `bytes ${start}-${start + length - 1}/${size}` } : {}),
      ...(query.get("chunked") === "1" ? {} : { "content-length": length }),
    },
    body: asynchronous(pattern(start, length)),
  };
}

async function* asynchronous(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces;
}

/** The one range that is asked for; null for none, several, or what is no range: the whole is answered then. */
function rangeOf(rawHeaders: readonly string[], size: number): { start: number; length: number } | null {
  const value = rawHeaders.find((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === "range");
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(value ?? "") ?? [];
  if (first === "" && last === "") return null;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(size - 1, Number(last));
  if (first !== "" && last !== "" && Number(last) < start) return null;
  if (start > end) {
    throw new Rejection(416, "out_of_range", "There is nothing in that range.", { "content-range": `bytes */${size}` });
  }
  return { start, length: end - start + 1 };
}
