import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { sessionCookie } from "../../support/cookies";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { call, errorOf, jsonOf, openCall, own, proxyHeaders } from "../../support/proxied";
import { openSink, type Sink } from "../../support/sink";
import { shareTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
let haneul: HttpBrowser;
let sink: Sink;
beforeAll(async () => {
  app = await shareTestApp();
  sibling = await app.startSibling();
  haneul = await signedIn(app, { user: "haneul" });
  sink = await openSink();
});
afterEach(async () => {
  for (const { control } of Object.values(app.services)) await control.reset();
  expect(sink.received()).toEqual([]);
});
afterAll(async () => {
  await app.close();
  await sink.close();
});

const hits = () => Object.values(app.services).flatMap(({ control }) => control.journal());
const orders = () => `${app.url}/api/services/shopping/orders`;

describe("whoever is not signed in", () => {
  it("PX-02: 401 in JSON, and no service is reached: a stranger, a broken cookie, an ended session, a disabled person", async () => {
    const broken = new HttpBrowser();
    broken.setCookie(app.url, sessionCookie(app.url), "garbage");
    for (const browser of [new HttpBrowser(), broken]) {
      const answered = await call(app, browser, "shopping/orders");
      expect(errorOf(answered)).toEqual([401, "not_authenticated"]);
      expect(Object.fromEntries(answered.headers)).toMatchObject(proxyHeaders);
    }
    for (const [change, code] of [
      [
        `UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'minsu'`,
        "session_revoked",
      ],
      [
        `UPDATE "Session" SET "idleExpiresAt" = now() - interval '1 second' WHERE subject = 'minsu' AND "endedAt" IS NULL`,
        "session_idle",
      ],
      [
        `UPDATE "Session" SET expires = now() - interval '1 second' WHERE subject = 'minsu' AND "endedAt" IS NULL`,
        "session_expired",
      ],
    ] as const) {
      const minsu = await signedIn(app, { user: "minsu" });
      expect((await call(app, minsu, "shopping/orders")).status).toBe(200);
      app.services.shopping.control.clearJournal();
      await app.rows(change);
      for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
        expect(errorOf(await call(app, minsu, "shopping/orders", { method }))).toEqual([401, code]);
      }
    }
    expect(hits()).toEqual([]);
  });

  it("SC-05, MW-04: a stolen cookie opens nothing on either instance within a second of the sign-out", async () => {
    const minsu = await signedIn(app, { user: "minsu" });
    const thief = minsu.clone();
    const at = (base: string) => thief.fetch(`${base}/api/services/shopping/orders`, { headers: own });
    expect([(await at(app.url)).status, (await at(sibling.url)).status]).toEqual([200, 200]);
    await minsu.submit(await minsu.request(`${app.url}/sign-out`), 'data-scope="device"');
    const endedAt = Date.now();
    app.services.shopping.control.clearJournal();
    for (const base of [sibling.url, app.url]) expect(errorOf(await at(base))).toEqual([401, "session_revoked"]);
    expect(Date.now() - endedAt).toBeLessThan(1000);
    expect(await lastAudit(app, "session.rejected")).toMatchObject({ reason: "session_revoked" });
    expect(hits()).toEqual([]);
  });

  it("is sent to sign in where they navigate, and not back to an address that is no page", async () => {
    const answered = await new HttpBrowser().request(orders());
    expect([answered.status, answered.location]).toEqual([303, `${app.url}/sign-in?returnTo=%2Faccount`]);
    expect(Object.fromEntries(answered.headers)).toMatchObject(proxyHeaders);
  });
});

describe("what another site makes a browser do", () => {
  it.each([
    ["nothing", {}],
    ["only the Origin", { Origin: "OWN" }],
    ["another header value", { "X-CSRF": "true", Origin: "OWN" }],
    ["the header and a foreign Origin", { "X-CSRF": "1", Origin: "https://evil.test" }],
    ["the header and the Origin null", { "X-CSRF": "1", Origin: "null" }],
    ["the header and an Origin that looks like ours", { "X-CSRF": "1", Origin: "OWN.evil.test" }],
    [
      "the header, a foreign Origin and a claim to be ours",
      { "X-CSRF": "1", Origin: "https://evil.test", "Sec-Fetch-Site": "same-origin" },
    ],
    ["the header and cross-site", { "X-CSRF": "1", "Sec-Fetch-Site": "cross-site" }],
    ["the header and same-site", { "X-CSRF": "1", "Sec-Fetch-Site": "same-site" }],
    ["the header and nothing that vouches for it", { "X-CSRF": "1" }],
  ])(
    "CS-02: a call with %s is refused, a GET too, and written down",
    async (_what, headers: Record<string, string>) => {
      for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
        const said = Object.entries(headers).map(([name, value]) => [name, value.replace("OWN", app.url)]);
        const before = await app.rows(`SELECT id FROM "AuditEvent" WHERE event = 'csrf.rejected'`);
        const { answer } = openCall(app, haneul, "shopping/orders", {
          method,
          headers: { "X-CSRF": undefined, "Sec-Fetch-Site": undefined, ...Object.fromEntries(said) },
        });
        const page = await answer;
        expect([method, page.statusCode, page.headers["set-cookie"]]).toEqual([method, 403, undefined]);
        if (method !== "HEAD") expect(await jsonOf(page)).toMatchObject({ error: "csrf_rejected" });
        const after = await app.rows(`SELECT id FROM "AuditEvent" WHERE event = 'csrf.rejected'`);
        expect(after.length - before.length).toBe(1);
      }
      expect((await lastAudit(app, "csrf.rejected"))?.detail).toEqual({ path: "/api/services/shopping/orders" });
      expect(hits()).toEqual([]);
    },
  );

  it.each(["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])(
    "CS-01: a form of another site (%s) does nothing at the proxy, and connects nothing",
    async (type) => {
      for (const path of ["/api/services/shopping/orders", "/api/connect/notes", "/api/connect/notes/disconnect"]) {
        for (const mode of ["navigate", "cors", "no-cors"]) {
          const answered = await haneul.clone().request(app.url + path, {
            method: "POST",
            body: '{"item":"x","quantity":1}',
            headers: {
              "Content-Type": type,
              Origin: "https://evil.test",
              "Sec-Fetch-Site": "cross-site",
              "Sec-Fetch-Mode": mode,
            },
          });
          const code = answered.location
            ? new URL(answered.location).searchParams.get("code")
            : /(?:code=|"error":")(\w+)/.exec(answered.body)?.[1];
          // What is no form at all may be turned away before anybody looks where it is from.
          const isForm = type.endsWith("urlencoded") || path.startsWith("/api/services/");
          expect(isForm ? ["csrf_rejected"] : ["csrf_rejected", "invalid_request"]).toContain(code);
          expect(answered.headers.getSetCookie()).toEqual([]);
          if (!isForm) continue;
          expect(await lastAudit(app, "csrf.rejected")).toMatchObject({
            outcome: "failure",
            requestId: answered.headers.get("x-request-id"),
          });
        }
      }
      expect(hits()).toEqual([]);
      expect(await whoIs(app, haneul)).toMatchObject({ sub: "haneul" });
    },
  );

  it("CS-03: nobody's origin is let in, whoever asks before, or after", async () => {
    const { host } = new URL(app.url);
    for (const origin of [
      "https://evil.test",
      "null",
      `http://evil.${host}`,
      `${app.url}.evil.test`,
      app.url.replace("http:", "https:"),
      "*",
      app.url,
    ]) {
      for (const browser of [haneul, new HttpBrowser()]) {
        for (const method of ["OPTIONS", "GET", "POST"]) {
          const answered = await call(app, browser, "shopping/orders", {
            method,
            headers: {
              Origin: origin,
              "Access-Control-Request-Method": "POST",
              "Access-Control-Request-Headers": "x-csrf",
              "Access-Control-Request-Private-Network": "true",
            },
          });
          expect([...answered.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
          if (origin !== app.url) expect(answered.status).toBeGreaterThanOrEqual(400);
        }
      }
    }
    expect(hits().every(({ method }) => method !== "OPTIONS")).toBe(true);
  });
});
