import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { addRequestMeta, getRequestMeta } from "next/dist/server/request-meta";
import { expect, it } from "vitest";
import { passBodyThrough } from "./pass-body-through";

/** The stream that Next hands to whom it asks to read a body. */
const bodyFor = (request: IncomingMessage) => getRequestMeta(request, "clonableBody")?.cloneBodyStream() as never;
const runMiddleware = async (request: IncomingMessage) => {
  addRequestMeta(request, "middlewareInvoke", true);
  return request.method === "GET" ? "" : text(bodyFor(request));
};

it.each<[who: string, method: string, answer: (request: IncomingMessage) => Promise<string[]>]>([
  ["an edge route that no middleware stands before", "POST", async (request) => [await text(bodyFor(request))]],
  [
    "a rewrite to another server, after a middleware that reads nothing",
    "POST",
    async (request) => [await runMiddleware(request), await text(bodyFor(request))],
  ],
  [
    "a rewrite of a GET with a body, of which the middleware asks for none",
    "GET",
    async (request) => [await runMiddleware(request), await text(bodyFor(request))],
  ],
  [
    "a rewrite, after the middleware ran once more",
    "POST",
    async (request) => {
      const first = await runMiddleware(request);
      addRequestMeta(request, "middlewareInvoke", false);
      return [first + (await runMiddleware(request)), await text(bodyFor(request))];
    },
  ],
])("the whole body comes to %s", async (who, method, answer) => {
  const sent = "order ".repeat(100_000);
  const server = http.createServer((request, response) => {
    passBodyThrough(request);
    // As Next does with each request.
    addRequestMeta(request, "clonableBody", null as never);
    void answer(request).then((got) => response.end(JSON.stringify(got)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const headers = { "Content-Length": sent.length };
    const { port } = server.address() as AddressInfo;
    const call = http.request({ port, host: "127.0.0.1", method, headers });
    call.end(sent);
    const [response] = (await once(call, "response")) as [IncomingMessage];
    const got = JSON.parse(await text(response)) as string[];
    expect(got, who).toEqual(got.length === 1 ? [sent] : ["", sent]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

it("Next's own proxy for a rewrite sends the body on, after the middleware has run", async () => {
  const { proxyRequest } = await import("next/dist/server/lib/router-utils/proxy-request");
  const target = http.createServer((request, response) => void text(request).then((got) => response.end(got)));
  await once(target.listen(0, "127.0.0.1"), "listening");
  const port = (server: http.Server) => String((server.address() as AddressInfo).port);
  const front = http.createServer(async (request, response) => {
    passBodyThrough(request);
    await runMiddleware(request);
    const url = { protocol: "http:", hostname: "127.0.0.1", port: port(target), pathname: "/", query: {} };
    await proxyRequest(request, response, url as never, undefined, bodyFor(request));
  });
  await once(front.listen(0, "127.0.0.1"), "listening");
  try {
    const answer = await fetch(`http://127.0.0.1:${port(front)}/api/old`, { method: "POST", body: "an order" });
    expect(await answer.text()).toBe("an order");
  } finally {
    for (const server of [front, target]) {
      server.close();
      server.closeAllConnections();
    }
  }
});
