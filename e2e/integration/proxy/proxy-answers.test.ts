import { createServer, type Server, type ServerResponse } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { pattern } from "../../../dev/resource-servers/downloads";
import type { HttpBrowser } from "../../support/http-browser";
import { bytesOf, call, errorOf, openCall, proxyHeaders, sendLine } from "../../support/proxied";
import { openSink, type Sink } from "../../support/sink";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let haneul: HttpBrowser;
let sink: Sink;
// In the place of the store: says bytes that the sample services would not.
let odd: Server;
let speak: (response: ServerResponse) => void = (response) => response.end();
beforeAll(async () => {
  const port = await findFreePort();
  odd = createServer((request, response) => {
    request.resume();
    speak(response);
  });
  await new Promise<void>((resolve) => odd.listen(port, "localhost", resolve));
  app = await openTestApp({
    env: { SERVICE_STORE_URL: `http://localhost:${port}/base/`, OUTBOUND_TIMEOUT_MS: "1000" },
  });
  haneul = await signedIn(app, { user: "haneul" });
  sink = await openSink();
});
afterEach(() => app.services.shopping.control.reset());
afterAll(async () => {
  await app.close();
  await sink.close();
  odd.closeAllConnections();
  odd.close();
});

const respond = (status: number, headers: Record<string, string | string[]> = {}, body = "") =>
  app.services.shopping.control.addFault({ fault: { kind: "respond", status, headers, body } });
const askStore = () =>
  openCall(app, haneul, "store/inventory", { headers: { "X-Organization": "org_hanok", "Accept-Encoding": "gzip" } })
    .answer;

describe("an answer of a service", () => {
  it("PX-01: an answer of a service leaves cookies, tokens, names of servers and rules for connections and origins behind", async () => {
    respond(
      200,
      {
        "set-cookie": ["daemun.session=evil; Path=/", "b=2"],
        authorization: "Bearer evil",
        "proxy-authenticate": "Basic",
        "keep-alive": "timeout=99",
        connection: "X-Secret, close",
        "x-secret": "evil",
        upgrade: "evil",
        server: "evil/1",
        "x-powered-by": "evil",
        "access-control-allow-origin": "*",
        "access-control-allow-credentials": "true",
        "content-security-policy": "default-src *",
        "clear-site-data": '"*"',
        refresh: "0; url=https://evil.test",
        location: "https://evil.test",
        link: "<https://evil.test>; rel=preload",
        "service-worker-allowed": "/",
        "cache-control": "public, max-age=99",
        "strict-transport-security": "max-age=0",
        "x-request-id": "evil-evil-evil",
        "x-middleware-rewrite": "/account",
        "x-nextjs-redirect": "/evil",
        "content-type": "text/html",
        etag: '"1"',
      },
      "<p>evil? no</p>",
    );
    const answered = await call(app, haneul, "shopping/orders");
    expect([answered.status, answered.body]).toEqual([200, "<p>evil? no</p>"]);
    const headers = Object.fromEntries(answered.headers);
    expect(headers).toMatchObject({ ...proxyHeaders, "content-type": "text/html", etag: '"1"' });
    expect(JSON.stringify(headers)).not.toMatch(/evil|timeout=99|max-age=99|max-age=0|Basic|\*/);
    expect(Object.keys(headers).sort()).toEqual([
      "cache-control",
      "connection",
      "content-length",
      "content-security-policy",
      "content-type",
      "cross-origin-opener-policy",
      "date",
      "etag",
      "keep-alive",
      "referrer-policy",
      "strict-transport-security",
      "vary",
      "x-content-type-options",
      "x-request-id",
    ]);
    expect(haneul.cookie(app.url, "b")).toBeUndefined();
  });

  it.each([400, 401, 403, 404, 409, 410, 418, 422, 429])("of %i passes, with its body", async (status) => {
    const times = status === 401 ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      respond(
        status,
        { "content-type": "application/problem+json", "retry-after": "7", "www-authenticate": 'Bearer error="x"' },
        '{"title":"no"}',
      );
    }
    const answered = await call(app, haneul, "shopping/orders");
    expect([answered.status, answered.body]).toEqual([status, '{"title":"no"}']);
    expect(Object.fromEntries(answered.headers)).toMatchObject({
      ...proxyHeaders,
      "content-type": "application/problem+json",
      "retry-after": "7",
      "www-authenticate": 'Bearer error="x"',
    });
  });

  it("makes no browser ask people for a password", async () => {
    for (const challenge of ["Basic realm=x", 'Bearer realm="x", basic realm="y"', "Negotiate"]) {
      respond(403, { "www-authenticate": challenge });
      expect((await call(app, haneul, "shopping/orders")).headers.get("www-authenticate")).toBeNull();
    }
  });

  it.each([500, 501, 502, 503, 505, 599])("of %i is hidden", async (status) => {
    respond(status, { "content-type": "text/html", "x-trace": "evil" }, "stack: evil");
    const answered = await call(app, haneul, "shopping/orders");
    expect(errorOf(answered)).toEqual([502, "upstream_unavailable"]);
    expect(JSON.parse(answered.body).request_id).toBe(answered.headers.get("x-request-id"));
    expect(JSON.stringify([answered.body, ...answered.headers])).not.toContain("evil");
    expect(Object.fromEntries(answered.headers)).toMatchObject(proxyHeaders);
  });

  it("of 504 is a timeout", async () => {
    respond(504, {}, "evil");
    expect(errorOf(await call(app, haneul, "shopping/orders"))).toEqual([504, "upstream_timeout"]);
  });

  it.each([301, 302, 303, 307, 308] as const)("of %i is not followed, and not passed on", async (status) => {
    app.services.shopping.control.addFault({ fault: { kind: "redirect", status, location: sink.url } });
    const answered = await call(app, haneul, "shopping/orders");
    expect([...errorOf(answered), answered.location]).toEqual([502, "upstream_unavailable", null]);
    expect(sink.received()).toEqual([]);
  });

  it.each([204, 205])("of %i has no body", async (status) => {
    respond(status);
    const answered = await call(app, haneul, "shopping/orders");
    expect([answered.status, answered.body]).toEqual([status, ""]);
  });

  it("of 304 passes to whoever has the former one", async () => {
    respond(304, { etag: '"7"' });
    const answered = await call(app, haneul, "shopping/orders", { headers: { "If-None-Match": '"7"' } });
    expect([answered.status, answered.body, answered.headers.get("etag")]).toEqual([304, "", '"7"']);
    expect(app.services.shopping.control.journal().at(-1)?.rawHeaders).toContain("if-none-match");
  });

  it("to HEAD says how long it would be", async () => {
    respond(200, { "content-length": "12345", "content-type": "text/plain" });
    const answered = await call(app, haneul, "shopping/orders", { method: "HEAD" });
    expect([answered.status, answered.body]).toEqual([200, ""]);
    expect(answered.headers.get("content-length")).toBe("12345");
    expect(app.services.shopping.control.journal().at(-1)?.method).toBe("HEAD");
  });
});

describe("a file", () => {
  it.each([
    ["Latin-1", Buffer.from('attachment; filename="caf\u00e9 \u00a3.txt"', "latin1")],
    ["UTF-8", Buffer.from('attachment; filename="한옥.txt"', "utf8")],
  ])("whose name is in %s has it unchanged, byte by byte", async (_what, name) => {
    for (const [framing, body] of [
      ["Content-Length: 5", "12345"],
      ["Content-Length: 100000", "x".repeat(100_000)],
      ["Transfer-Encoding: chunked", "5\r\n12345\r\n0\r\n\r\n"],
      ["Content-Length: 0", ""],
    ]) {
      speak = ({ socket }) =>
        socket?.end(
          Buffer.concat([
            Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${framing}\r\nContent-Disposition: `),
            name,
            Buffer.from(`\r\nConnection: close\r\n\r\n${body}`),
          ]),
        );
      const answer = await sendLine(app, haneul, "GET /api/services/store/inventory HTTP/1.1", [
        "X-Organization: org_hanok",
      ]);
      expect([framing, /\r\ncontent-disposition: (.*)\r\n/i.exec(answer)?.[1]]).toEqual([
        framing,
        name.toString("latin1"),
      ]);
    }
  });

  it("comes in parts to whoever asks for one", async () => {
    const { answer } = openCall(app, haneul, "shopping/downloads/1000000", {
      headers: { Range: "bytes=1000-200999" },
    });
    const part = await answer;
    expect(part.statusCode).toBe(206);
    expect(part.headers).toMatchObject({
      "content-range": "bytes 1000-200999/1000000",
      "content-length": "200000",
      "accept-ranges": "bytes",
    });
    expect((await bytesOf(part)).equals(Buffer.concat([...pattern(1000, 200_000)]))).toBe(true);
    const beyond = await openCall(app, haneul, "shopping/downloads/10", { headers: { Range: "bytes=99-" } }).answer;
    expect([beyond.statusCode, beyond.headers["content-range"]]).toEqual([416, "bytes */10"]);
    beyond.resume();
  });

  it("says its size where the service does, and none where it does not", async () => {
    for (const [path, length] of [
      ["shopping/downloads/300000", "300000"],
      ["shopping/downloads/300000?chunked=1", undefined],
    ] as const) {
      const answer = await openCall(app, haneul, path).answer;
      expect([answer.headers["content-length"], (await bytesOf(answer)).length]).toEqual([length, 300_000]);
    }
  });

  it.each([100, 200_000])("of %i bytes that is packed stays packed", async (size) => {
    const packed = gzipSync(Buffer.alloc(size, "한옥"), { level: 0 });
    speak = (response) => {
      response.writeHead(200, {
        "Content-Encoding": "gzip",
        "Content-Type": "text/plain",
        "Content-Length": packed.length,
      });
      response.end(packed);
    };
    const answer = await askStore();
    expect([answer.statusCode, answer.headers["content-encoding"]]).toEqual([200, "gzip"]);
    const bytes = await bytesOf(answer);
    expect(bytes.equals(packed)).toBe(true);
    expect(gunzipSync(bytes)).toHaveLength(size);
  });

  it("that a service does not pack is not packed here", async () => {
    speak = (response) => response.writeHead(200, { "Content-Type": "text/plain" }).end("한옥".repeat(10_000));
    const answer = await askStore();
    expect([answer.statusCode, answer.headers["content-encoding"], answer.headers.etag]).toEqual([
      200,
      undefined,
      undefined,
    ]);
    expect((await bytesOf(answer)).toString()).toBe("한옥".repeat(10_000));
  });
});

describe("a service below a path of its own", () => {
  it("is asked there, and sends what is no HTTP at its own cost", async () => {
    let asked = "";
    odd.once("request", ({ url }) => {
      asked = url ?? "";
    });
    speak = (response) => response.end("{}");
    expect((await askStore()).statusCode).toBe(200);
    expect(asked).toBe("/base/inventory");
    for (const text of [
      "",
      "nonsense\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
      "HTTP/1.1 999 Odd\r\n\r\n",
      `HTTP/1.1 200 OK\r\nX: ${"x".repeat(100_000)}\r\n\r\n`,
    ]) {
      speak = ({ socket }) => socket?.end(text);
      const answer = await askStore();
      // Node waits for what it takes for news of an answer to come.
      expect([502, 504]).toContain(answer.statusCode);
      answer.resume();
    }
  });
});
