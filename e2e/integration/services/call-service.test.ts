import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openExtendedApp } from "../../support/extension/extended-app";
import type { HttpBrowser } from "../../support/http-browser";
import { call, openCall, received } from "../../support/proxied";
import { openSink, type Sink } from "../../support/sink";
import { signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let haneul: HttpBrowser;
let sink: Sink;
beforeAll(async () => {
  app = await openExtendedApp();
  haneul = await signedIn(app, { user: "haneul" });
  sink = await openSink();
}, 240_000);
afterEach(async () => {
  for (const { control } of Object.values(app.services)) await control.reset();
});
afterAll(async () => {
  await app?.close();
  await sink?.close();
});

const shopping = () => app.services.shopping.control;
const hits = () => Object.values(app.services).flatMap(({ control }) => control.journal());
const lastRequest = () => {
  const request = shopping().journal().at(-1);
  if (!request) throw new Error("Nothing arrived.");
  return request;
};

/** Has the extension's own code call a service. */
async function desk(browser: HttpBrowser, query: Record<string, string>, method = "GET", headers = {}) {
  const address = `${app.url}/desk/call?${new URLSearchParams({ service: "shopping", path: "/orders", ...query })}`;
  const answered = await browser.fetch(address, { method, headers });
  expect(answered.status, answered.body.slice(0, 300)).toBe(200);
  return JSON.parse(answered.body);
}

describe("callService", () => {
  it("gives a page what a service answers, with the person's token", async () => {
    expect((await haneul.request(`${app.url}/desk`)).body).toMatch(/There are (?:<!-- -->)?0(?:<!-- -->)? orders/);
    expect(await desk(haneul, { path: "orders?x=%2F&y" })).toMatchObject({ status: 200, body: '{"orders":[]}' });
    expect(lastRequest().target).toBe("/orders?x=%2F&y");
    const refused = await desk(haneul, { path: "/orders/none" });
    expect([refused.status, JSON.parse(refused.body).error]).toEqual([404, "not_found"]);
  });

  it.each([
    ["json", "text/plain;charset=UTF-8", { bytes: Buffer.byteLength('{"item":"한옥 기둥","quantity":2}') }],
    ["form", "application/x-www-form-urlencoded;charset=UTF-8", { bytes: 14 }],
    ["bytes", undefined, { bytes: 100_000 }],
    ["stream", undefined, { bytes: 100_000 }],
  ])("sends %s as what it is", async (body, type, expected) => {
    const answered = await desk(haneul, { path: "/uploads", body }, "POST");
    expect([answered.status, JSON.parse(answered.body)]).toMatchObject([200, expected]);
    expect(received(lastRequest(), "content-type")).toEqual(type ? [type] : []);
  });

  it("PX-03: callService passes on nothing that proves or names somebody, whatever its caller copied", async () => {
    const headers = {
      Authorization: "Bearer evil",
      "X-Forwarded-User": "evil",
      "X-Forwarded-Roles": "evil",
      "X-Trace": "7",
    };
    expect((await desk(haneul, { copy: "1" }, "GET", headers)).status).toBe(200);
    expect(received(lastRequest(), "cookie")).toEqual([]);
    expect(received(lastRequest(), "x-trace")).toEqual(["7"]);
    expect(received(lastRequest(), "authorization")).toEqual([expect.stringMatching(/^Bearer ey/)]);
    expect(lastRequest().rawHeaders.join("\n")).not.toContain("evil");
    expect(received(lastRequest(), "host")).toEqual([new URL(app.services.shopping.url).host]);
  });

  it.each([
    "https://SINK/",
    "//SINK/orders",
    "/\\SINK",
    "\\\\SINK",
    "/../store",
    "/orders/../x",
    "/%2e%2e/x",
    "/a/%252e%252e/b",
    "/a b",
    "/a#b",
    "/a\r\nX: y",
    "/a?b c",
    "http:SINK",
    "",
  ])("PX-04: callService calls nobody for the path %j", async (path) => {
    const answered = await desk(haneul, { path: path.replace("SINK", sink.host) });
    if (path === "http:SINK" || path === "") expect(answered.status).toBe(404);
    else expect([answered.code, hits()]).toEqual(["invalid_request", []]);
    expect(sink.received()).toEqual([]);
  });

  it("tells a page of its services, and of none where it is or with which secret", async () => {
    const told = await haneul.fetch(`${app.url}/desk/services`);
    const services: Record<string, unknown>[] = JSON.parse(told.body);
    expect(services.map(({ id }) => id)).toEqual(expect.arrayContaining(["shopping", "store", "notes"]));
    expect(services.filter((service) => "client" in service || "baseUrl" in service)).toEqual([]);
    expect(told.body).not.toMatch(/secret/i);
    for (const { url } of Object.values(app.services)) expect(told.body).not.toContain(new URL(url).host);
  });

  it("makes a call once more with a new token, if its body can be sent again", async () => {
    for (const [body, times] of [
      ["json", 2],
      ["form", 2],
      ["bytes", 2],
      ["stream", 1],
    ] as const) {
      shopping().clearJournal();
      shopping().addFault({ fault: { kind: "unauthorized" } });
      const answered = await desk(haneul, { path: "/uploads", body }, "POST");
      expect([body, answered.status, shopping().journal().length]).toEqual([body, times === 2 ? 200 : 401, times]);
    }
  });

  it("answers errors and redirects of a service as they are, without its cookies, and follows none", async () => {
    for (const status of [400, 403, 500, 503]) {
      const headers = { "set-cookie": "a=1", "retry-after": "7" };
      shopping().addFault({ fault: { kind: "respond", status, headers, body: "no" } });
      const answered = await desk(haneul, {});
      expect(answered).toMatchObject({ status, body: "no", headers: { "retry-after": "7" } });
      expect(answered.headers["set-cookie"]).toBeUndefined();
    }
    shopping().addFault({ fault: { kind: "redirect", location: sink.url } });
    expect(await desk(haneul, {})).toMatchObject({ status: 302, headers: { location: sink.url } });
    expect(sink.received()).toEqual([]);
    for (const status of [204, 205, 304]) {
      shopping().addFault({ fault: { kind: "respond", status } });
      expect(await desk(haneul, {})).toMatchObject({ status, body: "" });
    }
  });

  it("says why there is no answer, by the app's own codes", async () => {
    expect(await desk(haneul, { service: "nowhere" })).toMatchObject({ code: "unknown_service" });
    expect(await desk(haneul, { service: "notes", path: "/notes" })).toMatchObject({
      code: "service_not_connected",
      connectPath: expect.stringMatching(/^\/account\/connections/),
    });
    const store = { service: "store", path: "/inventory" };
    expect(await desk(haneul, store)).toMatchObject({ code: "unknown_organization" });
    expect(await desk(haneul, { ...store, organization: "org_dari" })).toMatchObject({ code: "forbidden" });
    expect(await desk(haneul, { ...store, organization: "org_maru" })).toMatchObject({ status: 200 });
    shopping().addFault({ fault: { kind: "hang" } });
    expect(await desk(haneul, {})).toMatchObject({ code: "upstream_timeout" });
    await shopping().refuseConnections();
    expect(await desk(haneul, {})).toMatchObject({ code: "upstream_unavailable" });
  });

  it("MW-04: callService calls nobody for a session that has ended", async () => {
    const minsu = await signedIn(app, { user: "minsu" });
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'minsu'`);
    // A route that forgot to ask who is there.
    expect(await desk(minsu, {}, "PUT")).toMatchObject({ code: "session_revoked" });
    expect(hits()).toEqual([]);
  });
});

describe("a service that is told who is asking", () => {
  it("PX-03: a service that is told who is asking hears it from the app alone, by proxy and by callService; the others hear nothing", async () => {
    const { id } = (await whoIs(app, haneul))?.user ?? {};
    const evil = [
      "X-Forwarded-User",
      "evil",
      "x-forwarded-user",
      "evil",
      "X_Forwarded_User",
      "evil",
      "X-Forwarded-Roles",
      '["root"]',
    ];
    (await openCall(app, haneul, "shopping/orders", { headers: evil }).answer).resume();
    await desk(haneul, {});
    for (const request of shopping().journal()) {
      expect(received(request, "x-forwarded-user")).toEqual([id]);
      expect(received(request, "x-forwarded-roles")).toEqual(['["admin"]']);
      expect(request.rawHeaders.join("\n")).not.toMatch(/evil|root/);
    }
    expect(shopping().journal()).toHaveLength(2);
    const headers = ["X-Organization", "org_hanok", ...evil];
    (await openCall(app, haneul, "store/inventory", { headers }).answer).resume();
    const [request] = app.services.store.control.journal();
    expect(request && [received(request, "x-forwarded-user"), received(request, "x-forwarded-roles")]).toEqual([
      [],
      [],
    ]);
  });

  it("PX-01: a service gets the headers that configuration adds, and no others", async () => {
    shopping().addFault({
      fault: {
        kind: "respond",
        status: 200,
        headers: { "x-total": "7", "set-cookie": "a=1", "access-control-allow-origin": "*", location: sink.url },
      },
    });
    const headers = { "x-trace": "1", "X-Forwarded-For": "6.6.6.6", Authorization: "Bearer evil" };
    const answered = await call(app, haneul, "shopping/orders", { headers });
    expect(received(lastRequest(), "x-trace")).toEqual(["1"]);
    expect([received(lastRequest(), "cookie"), received(lastRequest(), "x-forwarded-for")]).toEqual([[], []]);
    expect(received(lastRequest(), "authorization")).toEqual([expect.stringMatching(/^Bearer ey/)]);
    expect(answered.headers.get("x-total")).toBe("7");
    for (const name of ["set-cookie", "access-control-allow-origin", "location"])
      expect(answered.headers.get(name)).toBeNull();
  });
});
