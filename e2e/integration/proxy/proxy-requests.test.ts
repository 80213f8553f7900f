import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { HttpBrowser } from "../../support/http-browser";
import { bytesOf, call, jsonOf, openCall, own, received, receivedNames } from "../../support/proxied";
import { shareTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let haneul: HttpBrowser;
beforeAll(async () => {
  app = await shareTestApp();
  haneul = await signedIn(app, { user: "haneul" });
});
afterEach(() => app.services.shopping.control.reset());
afterAll(() => app.close());

const journal = () => app.services.shopping.control.journal();
const lastRequest = () => {
  const request = journal().at(-1);
  if (!request) throw new Error("Nothing arrived.");
  return request;
};

describe("what reaches a service", () => {
  it("PX-01: a service gets a token for its own audience, and nothing of the browser's, nor of Next's", async () => {
    const before = (await app.control.issued("company")).length;
    const answered = await call(app, haneul, "shopping/orders", {
      headers: {
        Authorization: "Bearer evil",
        "Next-Router-State-Tree": "x",
        "X-Api-Key": "evil",
        "User-Agent": "browser/1",
        Referer: `${app.url}/services/shopping`,
        "X-Request-Id": "mine-mine-mine",
        "Accept-Language": "ko",
      },
    });
    expect([answered.status, JSON.parse(answered.body)]).toEqual([200, { orders: [] }]);
    expect(receivedNames(lastRequest())).toEqual(["accept", "accept-language", "authorization", "connection", "host"]);
    expect(received(lastRequest(), "host")).toEqual([new URL(app.services.shopping.url).host]);
    const [bearer = ""] = received(lastRequest(), "authorization");
    const token = bearer.replace("Bearer ", "");
    const { aud, sub } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    expect([aud, sub]).toEqual(["https://shopping.example/api", "haneul"]);
    const issued = (await app.control.issued("company")).slice(before);
    expect(issued.map(({ accessToken }) => accessToken)).toContain(token);
    expect(JSON.stringify([answered.body, ...answered.headers])).not.toContain(token);
  });

  it.each([
    ["an id", ["X-User-Id", "evil", "x-user-id", "evil", "X_User_Id", "evil", "X_uSeR-iD", "evil"]],
    [
      "what we say of people",
      ["X-Forwarded-User", "evil", "x_forwarded_user", "evil", "X-Forwarded-Roles", '["admin"]'],
    ],
    ["an organization", ["X-Org-Id", "evil", "X-Organization-Id", "evil", "X-Organization", "org_maru"]],
    [
      "where it comes from",
      ["X-Forwarded-For", "6.6.6.6", "Forwarded", "for=6.6.6.6", "X-Real-IP", "6.6.6.6", "Via", "1.1 evil"],
    ],
    [
      "another host",
      [
        "X-Forwarded-Host",
        "evil.test",
        "X-Host",
        "evil.test",
        "X-Original-URL",
        "/uploads",
        "X-HTTP-Method-Override",
        "DELETE",
      ],
    ],
    [
      "another token",
      [
        "Authorization",
        "Bearer evil",
        "Proxy-Authorization",
        "Bearer evil",
        "X-Access-Token",
        "evil",
        "Authorization_",
        "evil",
      ],
    ],
    [
      "a list for this hop",
      [
        "Connection",
        "X-User-Id, Authorization, Accept-Language, close",
        "X-User-Id",
        "evil",
        "Accept-Language",
        "ko",
        "TE",
        "trailers",
        "Keep-Alive",
        "timeout=99",
      ],
    ],
  ])("PX-03: %s that a browser says is not passed on, in whatever spelling", async (_what, headers) => {
    const { answer } = openCall(app, haneul, "shopping/orders", { headers });
    expect((await answer).statusCode).toBe(200);
    expect(receivedNames(lastRequest())).toEqual(["accept", "authorization", "connection", "host"]);
    expect(lastRequest().rawHeaders.join("\n")).not.toMatch(/evil|6\.6\.6\.6|admin|org_maru/);
    expect(received(lastRequest(), "authorization")).toEqual([expect.stringMatching(/^Bearer ey/)]);
  });

  it.each([
    "?a=1&a=2&b",
    "?q=%41%20+%2B&r=a+b",
    "?utf8=%E2%9C%93&bad=%FF",
    "?_rsc=x&a=%2F..%2F",
    "?target=https://evil.test/&//evil.test",
    "?[]=1&a[b]=2;c='*!()",
    "?",
    "??a?b",
  ])("the query %s arrives to the letter", async (query) => {
    const answer = await openCall(app, haneul, `shopping/orders${query}`).answer;
    expect(answer.statusCode).toBe(200);
    expect(lastRequest().target).toBe(`/orders${query}`);
  });

  it("a path below a listed one arrives to the letter", async () => {
    for (const path of ["/orders/a%20b", "/orders/%ED%95%9C", "/orders/a:b@c,d=1", "/orders/.well-known"]) {
      const answer = await openCall(app, haneul, `shopping${path}`).answer;
      expect([path, answer.statusCode]).toEqual([path, 404]);
      expect(await jsonOf(answer)).toMatchObject({ error: "not_found" });
      expect(lastRequest().target).toBe(path);
    }
  });
});

describe("a body", () => {
  const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  const bytes = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, at) => at % 251));

  it("of JSON places an order, and a DELETE without one takes it back", async () => {
    const placed = await call(app, haneul, "shopping/orders", {
      method: "POST",
      body: JSON.stringify({ item: "한옥 기둥", quantity: 2 }),
      headers: { "Content-Type": "application/json" },
    });
    expect(placed.status).toBe(201);
    const { id, item } = JSON.parse(placed.body);
    expect(item).toBe("한옥 기둥");
    expect(received(lastRequest(), "content-type")).toEqual(["application/json"]);
    expect(received(lastRequest(), "transfer-encoding")).toEqual([]);
    const gone = await call(app, haneul, `shopping/orders/${id}`, { method: "DELETE" });
    expect([gone.status, gone.body]).toEqual([204, ""]);
    expect(received(lastRequest(), "transfer-encoding")).toEqual([]);
    expect(JSON.parse((await call(app, haneul, "shopping/orders")).body)).toEqual({ orders: [] });
  });

  it.each([
    ["of a form with files", "multipart/form-data; boundary=x"],
    ["of bytes", "application/octet-stream"],
    ["of nothing known", null],
  ])("%s arrives as it is, with its length", async (_what, type) => {
    const headers = { Origin: app.url, "Content-Length": bytes.length, ...(type && { "Content-Type": type }) };
    const answer = await openCall(app, haneul, "shopping/uploads", { method: "POST", body: bytes, headers }).answer;
    expect([answer.statusCode, await jsonOf(answer)]).toEqual([200, { bytes: bytes.length, sha256: sha256(bytes) }]);
    expect(received(lastRequest(), "content-type")).toEqual(type ? [type] : []);
    expect(received(lastRequest(), "content-length")).toEqual([String(bytes.length)]);
  });

  it("that does not say its length arrives in pieces", async () => {
    const body = Readable.from([bytes.subarray(0, 10), bytes.subarray(10, 70_000), bytes.subarray(70_000)]);
    const answer = await openCall(app, haneul, "shopping/uploads", { method: "POST", body }).answer;
    expect(await jsonOf(answer)).toEqual({ bytes: bytes.length, sha256: sha256(bytes) });
    expect(received(lastRequest(), "transfer-encoding")).toEqual(["chunked"]);
  });

  it("that is empty has the length 0", async () => {
    const { answer } = openCall(app, haneul, "shopping/uploads", {
      method: "POST",
      headers: { "Content-Length": 0 },
    });
    expect(await jsonOf(await answer)).toMatchObject({ bytes: 0 });
    expect(received(lastRequest(), "content-length")).toEqual(["0"]);
  });

  it("that is packed stays packed", async () => {
    const headers = { "Content-Encoding": "gzip", "Content-Type": "application/json" };
    const { answer } = openCall(app, haneul, "shopping/uploads", { method: "POST", body: bytes, headers });
    expect(await jsonOf(await answer)).toEqual({ bytes: bytes.length, sha256: sha256(bytes) });
    expect(received(lastRequest(), "content-encoding")).toEqual(["gzip"]);
  });

  it("of a GET goes nowhere", async () => {
    const { answer } = openCall(app, haneul, "shopping/orders", {
      body: bytes,
      headers: { "Content-Length": bytes.length },
    });
    expect((await answer).statusCode).toBe(200);
    await bytesOf(await answer);
    expect(lastRequest()).toMatchObject({ bodyBytes: 0 });
    expect(received(lastRequest(), "content-length")).toEqual([]);
  });
});

it("a call counts as activity, and a refused one of another site does not", async () => {
  const minsu = await signedIn(app, { user: "minsu" });
  const wait = () =>
    app.rows(
      `UPDATE "Session" SET "lastActiveAt" = now() - interval '10 minutes', "idleExpiresAt" = now() + interval '10 minutes'
        WHERE subject = 'minsu'`,
    );
  const pause = async () => {
    const [row] = await app.rows<{ seconds: number }>(
      `SELECT extract(epoch FROM now() - "lastActiveAt")::int seconds FROM "Session" WHERE subject = 'minsu'`,
    );
    return row?.seconds;
  };
  await wait();
  expect((await call(app, minsu, "shopping/orders")).status).toBe(200);
  expect(await pause()).toBeLessThan(30);
  await wait();
  const foreign = await minsu.fetch(`${app.url}/api/services/shopping/orders`, {
    headers: { ...own, Origin: "https://evil.test" },
  });
  expect(foreign.status).toBe(403);
  expect(await pause()).toBeGreaterThan(500);
});
