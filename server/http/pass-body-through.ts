import "server-only";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { addRequestMeta, getRequestMeta } from "next/dist/server/request-meta";

// The middleware reads no body. Next would copy each for it into memory, as fast as it comes, and cut the route's own after
// ten megabytes (`proxyClientMaxBodySize`), with no more than a line in the log.
const nothingKept = {
  cloneBodyStream: () => Readable.from([]),
  finalize: async () => {},
};

/** Leaves the body of a request to the route alone: it comes whole, however large, and no faster than the route reads it. */
export function passBodyThrough(request: IncomingMessage): void {
  addRequestMeta(request, "clonableBody", nothingKept as never);
  // Next sets its own as it begins with a request.
  Object.defineProperty(getRequestMeta(request), "clonableBody", { get: () => nothingKept, set: () => {} });
  // A route that stops reading would end the connection, and its own answer with it.
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
}
