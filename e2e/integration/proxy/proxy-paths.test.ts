import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lastAudit } from "../../support/expectations";
import type { HttpBrowser } from "../../support/http-browser";
import { call, errorOf, jsonOf, openCall, proxyHeaders, sendLine } from "../../support/proxied";
import { openSink, type Sink } from "../../support/sink";
import { shareTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let haneul: HttpBrowser;
let sink: Sink;
beforeAll(async () => {
  app = await shareTestApp();
  haneul = await signedIn(app, { user: "haneul" });
  sink = await openSink();
});
afterEach(async () => {
  for (const { control } of Object.values(app.services)) await control.reset();
});
afterAll(async () => {
  await app.close();
  await sink.close();
});

const hits = () => Object.values(app.services).flatMap(({ control }) => control.journal());

describe("a path that could be read in two ways", () => {
  const base = "/api/services/shopping";
  it.each([
    `${base}/../store/inventory`,
    `${base}/orders/../../store/inventory`,
    `${base}/orders/..`,
    `${base}/orders/.`,
    `${base}/./orders`,
    `${base}/%2e%2e/store/inventory`,
    `${base}/%2e%2e%2fstore/inventory`,
    `${base}/.%2e/store/inventory`,
    `${base}/orders/%252e%252e/x`,
    `${base}/orders/%25252e%25252e%25252fx`,
    `${base}/orders/%2Fx`,
    `${base}/orders%2f..%2f..%2fx`,
    `${base}/orders/%5c..%5cx`,
    `${base}/orders\\..\\x`,
    `${base}\\orders`,
    `${base}\\\\SINK\\orders`,
    `${base}/\\SINK`,
    `${base}//SINK/orders`,
    `${base}/orders//x`,
    `${base}//orders`,
    `${base}/@SINK/orders`,
    `${base}@SINK/orders`,
    `${base}:80@SINK/orders`,
    `${base}.SINK/orders`,
    `${base}.evil.test/orders`,
    `${base}/http://SINK/orders`,
    `${base}/http:%2f%2fSINK/orders`,
    `${base}/orders%00`,
    `${base}/orders/%2500`,
    `${base}/orders%0d%0aX-Evil:1`,
    `${base}/orders/%`,
    `${base}/orders/%zz`,
    `${base}/orders/a|b`,
    `${base}/orders/{x}`,
    `${base}/orders/한`,
    `${base}/%6frders`,
    `${base}/ORDERS`,
    `${base}/orders;x`,
    `${base}`,
    `${base}/`,
    "/api/services/Shopping/orders",
    "/api/services/%73hopping/orders",
    "/api/services/nowhere/orders",
    "/api/services/__proto__/orders",
    "/api/services/constructor/orders",
    "/api/services/..%2fservices%2fshopping/orders",
    "/api/services//SINK/",
    "/api/services/shopping%2forders",
    "/api/%73ervices/shopping/orders",
    "/api//services/shopping/orders",
    "//SINK/api/services/shopping/orders",
    "\\\\SINK\\api\\services\\shopping\\orders",
    "http://SINK/api/services/shopping/orders",
    "https://SINK/api/services/shopping/orders",
    "HTTP://SINK/",
    "SINK",
    "*",
  ])("PX-04: the path %s is refused, and no service is asked", async (target) => {
    const line = target.replace("SINK", sink.host);
    for (const method of ["GET", "POST"]) {
      const answer = await sendLine(app, haneul, `${method} ${line} HTTP/1.1`, ["Content-Length: 0"]);
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      const status = Number(head.split(" ")[1]);
      // Next's own answer to doubled slashes is an address of the app in which there are none.
      if (status === 308) expect(head).toMatch(/\r\nlocation: \/[^/\\\r\n]/i);
      else
        expect([target, status, body.slice(0, 80)]).toEqual([
          target,
          expect.toSatisfy((code) => [400, 404, 405].includes(code)),
          expect.anything(),
        ]);
      expect(hits()).toEqual([]);
    }
    expect(sink.received()).toEqual([]);
  });

  it.each([
    "orders/..;/admin",
    "orders/..;x=1/../admin",
    "orders/..%3b/admin",
    "orders/.;/x",
    "orders/;x/y",
    "orders/1;v=2",
    "orders;v=2",
    "orders/%2e%2e;/admin",
    "orders/.../x",
    "orders/..%20/x",
    "orders/%20../x",
    "orders/..+/x",
    "orders/..%09/x",
    "orders/..::$DATA/x",
    "orders/%c0%ae%c0%ae/x",
    "orders/..%c0%afx",
    "orders/%EF%BC%8E%EF%BC%8E/x",
    "orders/..%E2%88%95x",
    "orders/%ff",
    "orders/%7f",
    "orders/%0a",
    "orders/%2561dmin",
    "orders/x%3fy",
    "orders/x%23y",
    "orders/%20",
  ])("FF-01: %s is 400 before any call, since some server takes it for another path", async (path) => {
    for (const method of ["GET", "DELETE"]) {
      const answer = await openCall(app, haneul, `shopping/${path}`, { method }).answer;
      expect([method, answer.statusCode, (await jsonOf(answer)).error]).toEqual([method, 400, "invalid_request"]);
    }
    expect(hits()).toEqual([]);
  });

  it.each(["a%20b", "%ED%95%9C", "a@b", "v1:x", "c++", "a,b", "file.tar.gz", "1%2B1", "100%25"])(
    "FF-01: an id like %s reaches the service to the letter",
    async (id) => {
      expect((await call(app, haneul, `shopping/orders/${id}`)).status).toBe(404);
      expect(hits().map(({ target }) => target)).toEqual([`/orders/${id}`]);
    },
  );

  it("PX-04: what the query or a header names is nobody's address", async () => {
    for (const query of [
      `?target=http://${sink.host}/`,
      `?url=//${sink.host}`,
      `?path=../../store/inventory&host=${sink.host}`,
    ]) {
      expect((await call(app, haneul, `shopping/orders${query}`)).status).toBe(200);
    }
    for (const name of [
      "X-Forwarded-Host",
      "X-Original-URL",
      "X-Rewrite-URL",
      "X-Forwarded-Prefix",
      "X-Matched-Path",
      "X-Invoke-Path",
      "X-Middleware-Rewrite",
    ]) {
      const { answer } = openCall(app, haneul, "shopping/orders", { headers: { [name]: `http://${sink.host}/x` } });
      expect([name, (await answer).statusCode]).toEqual([name, 200]);
      expect(app.services.shopping.control.journal().at(-1)?.target).toBe("/orders");
    }
    expect(sink.received()).toEqual([]);
    expect(app.services.store.control.journal()).toEqual([]);
  });

  it("RL-02: a query that is too long is refused", async () => {
    for (const query of ["x=1&".repeat(3_000), "x".repeat(9_000)]) {
      expect(errorOf(await call(app, haneul, `shopping/orders?${query}`))).toEqual([400, "invalid_request"]);
    }
    expect(hits()).toEqual([]);
  });
});

describe("what is not listed", () => {
  it("is told from a service that there is none of", async () => {
    expect(errorOf(await call(app, haneul, "nowhere/orders"))).toEqual([404, "unknown_service"]);
    for (const path of ["shopping/echo", "shopping/uploads/x", "store/orders", "notes/orders"]) {
      const answered = await call(app, haneul, path);
      expect([path, ...errorOf(answered)]).toEqual([path, 404, "invalid_request"]);
      expect(Object.fromEntries(answered.headers)).toMatchObject(proxyHeaders);
    }
    expect(hits()).toEqual([]);
  });

  it("MW-10: a path that is not listed is told from a method that is not, with those that are", async () => {
    for (const [method, path, allow] of [
      ["PUT", "shopping/orders", "GET, POST, DELETE"],
      ["PATCH", "shopping/orders/1", "GET, DELETE"],
      ["OPTIONS", "shopping/orders", "GET, POST, DELETE"],
      ["DELETE", "store/inventory", "GET, POST"],
      ["GET", "shopping/uploads", "POST"],
      ["HEAD", "shopping/uploads", "POST"],
      ["POST", "shopping/events", "GET"],
    ] as const) {
      const answered = await call(app, haneul, path, { method });
      expect([method, path, answered.status, answered.headers.get("allow")]).toEqual([method, path, 405, allow]);
    }
    for (const method of ["PROPFIND", "CONNECT", "LOCK"]) {
      const answer = await sendLine(app, haneul, `${method} /api/services/shopping/orders HTTP/1.1`).catch(() => "");
      expect([method, answer]).toEqual([method, expect.toSatisfy((text) => text === "" || /^HTTP\/1\.1 4/.test(text))]);
    }
    const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"];
    for (const target of ["/api/services/shopping/events", `http://${sink.host}/api/services/shopping/events`]) {
      const answer = await sendLine(app, haneul, `GET ${target} HTTP/1.1`, upgrade).catch(() => "");
      expect(answer).not.toMatch(/^HTTP\/1\.1 (?:101|200)/);
    }
    expect([hits(), sink.received()]).toEqual([[], []]);
  });
});

describe("a route that asks for a role", () => {
  const stock = (browser: HttpBrowser) =>
    call(app, browser, "store/inventory", {
      method: "POST",
      body: JSON.stringify({ item: "Pine beam", quantity: 3 }),
      headers: { "Content-Type": "application/json", "X-Organization": "org_hanok" },
    });

  it("lets in whoever has it, and nobody else, and writes that down", async () => {
    const minsu = await signedIn(app, { user: "minsu" });
    const refused = await stock(minsu);
    expect(errorOf(refused)).toEqual([403, "forbidden"]);
    expect(await lastAudit(app, "authorization.denied")).toMatchObject({
      reason: "forbidden",
      requestId: refused.headers.get("x-request-id"),
      detail: { path: "/api/services/store/inventory" },
    });
    expect(hits()).toEqual([]);
    expect((await stock(haneul)).status).toBe(201);
    const { answer } = openCall(app, minsu, "store/inventory", { headers: { "X-Organization": "org_hanok" } });
    expect(await jsonOf(await answer)).toEqual({
      organization: "org_hanok",
      items: [{ item: "Pine beam", quantity: 3 }],
    });
  });

  it("leaves what a scope does not cover to the service", async () => {
    const minsu = await signedIn(app, { user: "minsu" });
    const answered = await call(app, minsu, "shopping/orders", { method: "POST", body: "{}" });
    expect([answered.status, JSON.parse(answered.body)]).toMatchObject([403, { error: "insufficient_scope" }]);
    expect(answered.headers.get("www-authenticate")).toContain('scope="shopping:write"');
  });
});
