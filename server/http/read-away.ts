import "server-only";
import type { IncomingMessage, ServerResponse } from "node:http";

const readAwayMs = 5_000;

/**
 * Ends an answer that is given before its request was read whole only when the rest has come, or after five seconds. A
 * connection that is closed with something unread in it takes the answer along; one that stays open has the next request
 * wait behind the rest. The answer itself goes out at once. Source: RFC 9112, section 9.6.
 */
export function readAwayBeforeEnd(request: IncomingMessage, response: ServerResponse): void {
  const end = response.end as (...given: unknown[]) => ServerResponse;
  response.end = function (this: ServerResponse, ...given: unknown[]) {
    response.end = end as typeof response.end;
    if (request.complete || request.destroyed) return end.apply(this, given);
    const callback = given.find((argument) => typeof argument === "function");
    if (typeof given[0] === "function" || given[0] === undefined || given[0] === null) this.flushHeaders();
    else this.write(given[0], typeof given[1] === "string" ? (given[1] as BufferEncoding) : "utf8");
    const finish = () => {
      clearTimeout(timer);
      request.off("end", finish).off("close", finish);
      end.call(this, callback);
    };
    const timer = setTimeout(() => {
      finish();
      request.socket.destroySoon();
    }, readAwayMs).unref();
    request.once("end", finish).once("close", finish).resume();
    return this;
  } as typeof response.end;
}
