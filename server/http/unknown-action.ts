import "server-only";
import type { ServerResponse } from "node:http";

/** An answer that is ready to be sent. */
export interface ReadyReply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

// How Next tells its own script that a form names a server action which this build does not have.
const header = "x-nextjs-action-not-found";

/**
 * Has `response` be `reply` where Next says that it does not know the server action: the page that sent it is of another build,
 * and without script its user would read three words in English. Anything else that Next answers passes as it is.
 */
export function explainUnknownAction(response: ServerResponse, { status, headers, body }: ReadyReply): void {
  const { writeHead, write, end } = response as unknown as Record<string, (...given: unknown[]) => unknown>;
  let isReplaced = false;
  /** Whether it is replaced, from before its head is sent. */
  const replace = (): boolean => {
    if (isReplaced || response.headersSent || response.getHeader(header) === undefined) return isReplaced;
    isReplaced = true;
    for (const name of [header, "Content-Encoding", "Transfer-Encoding", "ETag"]) response.removeHeader(name);
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader("Content-Length", body.length);
    return true;
  };
  Object.assign(response, {
    writeHead: (...given: unknown[]) => writeHead?.apply(response, replace() ? [status] : given),
    write: (...given: unknown[]) => replace() || write?.apply(response, given),
    end: (...given: unknown[]) => end?.apply(response, replace() ? [body] : given),
  });
}
