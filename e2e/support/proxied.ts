import { type ClientRequest, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { expect } from "vitest";
import type { ServiceRequest } from "../../dev/resource-servers/control/journal";
import type { HttpBrowser, Page } from "./http-browser";
import type { TestApp } from "./test-app";

/** What a script of ours sends along with a call. */
export const own = { "X-CSRF": "1", "Sec-Fetch-Site": "same-origin" };

type CallOptions = NonNullable<Parameters<HttpBrowser["fetch"]>[1]>;

/** Calls a service as a script of ours would. `path` begins with the service's id. */
export function call(app: TestApp, browser: HttpBrowser, path: string, options: CallOptions = {}): Promise<Page> {
  return browser.fetch(`${app.url}/api/services/${path}`, { ...options, headers: { ...own, ...options.headers } });
}

export interface OpenCall {
  sent: ClientRequest;
  /** The answer as soon as it begins, and as it came: nothing is decoded. */
  answer: Promise<IncomingMessage>;
}

/**
 * The same with the bytes in hand. The target is not normalised. Headers may be a list, to say one twice; one that is
 * undefined is left out.
 */
export function openCall(
  app: TestApp,
  browser: HttpBrowser,
  path: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { method?: string; headers?: OutgoingHttpHeaders | string[]; body?: Buffer | Readable } = {},
): OpenCall {
  const { hostname, port, host } = new URL(app.url);
  const mine = { Host: host, Cookie: browser.cookieHeader(app.url), Accept: "application/json", ...own };
  const listed = Array.isArray(headers)
    ? [...Object.entries(mine).flat(), ...headers]
    : Object.fromEntries(Object.entries({ ...mine, ...headers }).filter(([, value]) => value !== undefined));
  const target = path.startsWith("/") ? path : `/api/services/${path}`;
  const sent = httpRequest({ hostname, port, method, path: target, headers: listed, agent: false });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once("response", resolve).once("error", reject);
  });
  // Whoever looks at the answer is told; a test may be about what becomes of the request alone.
  answer.catch(() => {});
  sent.on("error", () => {});
  if (body === undefined || Buffer.isBuffer(body)) sent.end(body);
  else body.pipe(sent);
  return { sent, answer };
}

/** All bytes of an answer. */
export async function bytesOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export const jsonOf = async (answer: IncomingMessage) => JSON.parse((await bytesOf(answer)).toString("utf8"));

/** Sends a request line as it is written here, with the cookie and headers of a script of ours. Answers the head and the body. */
export function sendLine(app: TestApp, browser: HttpBrowser, line: string, headers: string[] = []): Promise<string> {
  const { hostname, port, host } = new URL(app.url);
  const mine = [
    `Host: ${host}`,
    `Cookie: ${browser.cookieHeader(app.url)}`,
    "X-CSRF: 1",
    "Sec-Fetch-Site: same-origin",
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      answer += text;
    });
    socket.once("error", reject).once("close", () => resolve(answer));
    socket.write(`${[line, ...mine, ...headers, "Connection: close"].join("\r\n")}\r\n\r\n`);
  });
}

/** All values of a header that a service received, in order. */
export function received({ rawHeaders }: ServiceRequest, name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name.toLowerCase());
}

/** The names of the headers that a service received, in lower case and in order of the alphabet. */
export function receivedNames({ rawHeaders }: ServiceRequest): string[] {
  return rawHeaders
    .filter((_, at) => at % 2 === 0)
    .map((name) => name.toLowerCase())
    .sort();
}

export const errorOf = ({ status, body }: Page) => [status, JSON.parse(body).error];

/** What everything that the proxy answers carries, its own refusals too. */
export const proxyHeaders = {
  "cache-control": "private, no-store, no-transform",
  "content-security-policy": expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'.*sandbox/),
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "x-request-id": expect.stringMatching(/^[A-Za-z0-9-]{8,64}$/),
};
