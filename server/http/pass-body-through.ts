import "server-only";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { getRequestMeta, setRequestMeta } from "next/dist/server/request-meta";

const redefinable = { configurable: true, enumerable: true };

/** Leaves the body of a request to the route alone: it comes whole, however large, and no faster than the route reads it. */
export function passBodyThrough(request: IncomingMessage): void {
  // The middleware reads no body. Next would copy each for it into memory, as fast as it comes, and cut the route's own after
  // ten megabytes (`proxyClientMaxBodySize`), with no more than a line in the log. Who asks without it or after it is a
  // rewrite to another server or an edge route, which read.
  let isInvoked: unknown;
  let isForMiddleware = false;
  const body = {
    cloneBodyStream: () => {
      if (!isForMiddleware) return request;
      isForMiddleware = false;
      return Readable.from([]);
    },
    finalize: async () => {},
  };
  // Next sets both: the one as it begins with a request, the other before each time that the middleware runs, which asks
  // for a body unless the method is one of these two.
  const kept = Object.defineProperties(getRequestMeta(request), {
    clonableBody: { ...redefinable, get: () => body, set: () => {} },
    middlewareInvoke: {
      ...redefinable,
      get: () => isInvoked,
      set: (value: unknown) => {
        isInvoked = value;
        isForMiddleware = value === true && request.method !== "GET" && request.method !== "HEAD";
      },
    },
  });
  setRequestMeta(request, kept);
  // A route that stops reading would end the connection, and its own answer with it.
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
}
