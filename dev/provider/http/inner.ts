import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** A request as it was received, body and all. */
export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** An answer before it is sent, so that a fault can still change it. */
export interface PreparedResponse {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

export type InnerHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/**
 * Lets a handler answer a request without a connection of its own, and collects the answer whole.
 * The objects are Node's own, so that a Koa application cannot tell the difference.
 */
export function answerInside(handler: InnerHandler, received: ReceivedRequest): Promise<PreparedResponse> {
  const request = new IncomingMessage(new Socket());
  request.method = received.method;
  request.url = received.url;
  request.headers = { ...received.headers, "content-length": String(received.body.length) };
  delete request.headers["transfer-encoding"];
  request.push(received.body);
  request.push(null);
  request.complete = true;

  return new Promise((resolve, reject) => {
    const response = new ServerResponse(request);
    const chunks: Buffer[] = [];
    const collect = (chunk: unknown): void => {
      if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
    };
    response.write = (chunk: unknown) => {
      collect(chunk);
      return true;
    };
    response.end = (chunk?: unknown) => {
      collect(chunk);
      resolve({ status: response.statusCode, headers: { ...response.getHeaders() }, body: Buffer.concat(chunks) });
      return response;
    };
    Promise.resolve(handler(request, response)).catch(reject);
  });
}
