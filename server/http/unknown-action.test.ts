import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { explainUnknownAction } from "./unknown-action";

const page = Buffer.from("<p>이 페이지는 다른 버전입니다.</p>");
const reply = { status: 409, headers: { "Content-Type": "text/html; charset=utf-8" }, body: page };

let server: Server | undefined;
afterEach(() => server?.close());

/** What a browser gets of an app that answers like this. */
async function ask(answer: RequestListener): Promise<Response> {
  server = createServer((request, response) => {
    explainUnknownAction(response, reply);
    answer(request, response);
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, "localhost", resolve));
  return fetch(`http://localhost:${(listening.address() as AddressInfo).port}`, { headers: { connection: "close" } });
}

const unknown = { "x-nextjs-action-not-found": "1", "content-type": "text/plain" };

it.each([
  [
    "at once",
    (_, response) => {
      for (const [name, value] of Object.entries(unknown)) response.setHeader(name, value);
      response.statusCode = 409;
      response.end("Server Action unavailable.");
    },
  ],
  [
    "in pieces, with a length",
    (_, response) => {
      for (const [name, value] of Object.entries(unknown)) response.setHeader(name, value);
      response.setHeader("Content-Length", 4).setHeader("ETag", "x");
      response.write("ab");
      response.end("cd");
    },
  ],
  [
    "with a head that is sent before",
    (_, response) => {
      for (const [name, value] of Object.entries(unknown)) response.setHeader(name, value);
      response.writeHead(400);
      response.end("no");
    },
  ],
] satisfies [string, RequestListener][])(
  "a form that names an action of another build gets the page, where Next answers %s",
  async (_, answer) => {
    const answered = await ask(answer);
    expect([answered.status, answered.headers.get("content-type")]).toEqual([409, "text/html; charset=utf-8"]);
    expect([answered.headers.get("x-nextjs-action-not-found"), answered.headers.get("etag")]).toEqual([null, null]);
    expect(Buffer.from(await answered.arrayBuffer())).toEqual(page);
  },
);

it("any other answer passes as it is", async () => {
  const answered = await ask((_, response) => {
    response.writeHead(201, { "X-Own": "1" });
    response.write("one ");
    response.end("two");
  });
  expect([answered.status, answered.headers.get("x-own"), await answered.text()]).toEqual([201, "1", "one two"]);
});
