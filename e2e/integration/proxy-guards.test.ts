import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../dev/app";
import { lastAudit } from "./expectations";
import { type House, openHouse, signedIn, whoIs } from "./house";
import { HttpBrowser } from "./http-browser";
import { call, errorOf, jsonOf, openCall, own, proxyHeaders } from "./proxied";
import { openSink, type Sink } from "./sink";

let house: House;
let sibling: RunningApp;
let haneul: HttpBrowser;
let sink: Sink;
beforeAll(async () => {
  house = await openHouse();
  sibling = await house.startSibling();
  haneul = await signedIn(house, { person: "haneul" });
  sink = await openSink();
});
afterEach(async () => {
  for (const { control } of Object.values(house.services)) await control.reset();
  expect(sink.received()).toEqual([]);
});
afterAll(async () => {
  await house.close();
  await sink.close();
});

const hits = () => Object.values(house.services).flatMap(({ control }) => control.journal());
const orders = () => `${house.url}/api/services/shopping/orders`;

describe("whoever is not signed in", () => {
  it("PX-02: gets 401 in JSON and reaches no service: a stranger, a broken cookie, an ended session, a disabled person", async () => {
    const broken = new HttpBrowser();
    broken.setCookie(house.url, "daemun.session", "garbage");
    for (const browser of [new HttpBrowser(), broken]) {
      const answered = await call(house, browser, "shopping/orders");
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
      const minsu = await signedIn(house, { person: "minsu" });
      expect((await call(house, minsu, "shopping/orders")).status).toBe(200);
      house.services.shopping.control.clearJournal();
      await house.rows(change);
      for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
        expect(errorOf(await call(house, minsu, "shopping/orders", { method }))).toEqual([401, code]);
      }
    }
    expect(hits()).toEqual([]);
  });

  it("SC-05, MW-04: a stolen cookie opens nothing on either instance within a second of the sign-out", async () => {
    const minsu = await signedIn(house, { person: "minsu" });
    const thief = minsu.clone();
    const at = (base: string) => thief.fetch(`${base}/api/services/shopping/orders`, { headers: own });
    expect([(await at(house.url)).status, (await at(sibling.url)).status]).toEqual([200, 200]);
    await minsu.submit(await minsu.request(`${house.url}/sign-out`), 'data-scope="device"');
    const endedAt = Date.now();
    house.services.shopping.control.clearJournal();
    for (const base of [sibling.url, house.url]) expect(errorOf(await at(base))).toEqual([401, "session_revoked"]);
    expect(Date.now() - endedAt).toBeLessThan(1000);
    expect(await lastAudit(house, "session.rejected")).toMatchObject({ reason: "session_revoked" });
    expect(hits()).toEqual([]);
  });

  it("is sent to sign in where they navigate, and not back to an address that is no page", async () => {
    const answered = await new HttpBrowser().request(orders());
    expect([answered.status, answered.location]).toEqual([303, `${house.url}/sign-in?returnTo=%2Faccount`]);
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
  ])("CS-02: with %s it is refused, a GET too, and written down", async (_what, headers: Record<string, string>) => {
    for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
      const said = Object.entries(headers).map(([name, value]) => [name, value.replace("OWN", house.url)]);
      const before = await house.rows(`SELECT id FROM "AuditEvent" WHERE event = 'csrf.rejected'`);
      const { answer } = openCall(house, haneul, "shopping/orders", {
        method,
        headers: { "X-CSRF": undefined, "Sec-Fetch-Site": undefined, ...Object.fromEntries(said) },
      });
      const page = await answer;
      expect([method, page.statusCode, page.headers["set-cookie"]]).toEqual([method, 403, undefined]);
      if (method !== "HEAD") expect(await jsonOf(page)).toMatchObject({ error: "csrf_rejected" });
      const after = await house.rows(`SELECT id FROM "AuditEvent" WHERE event = 'csrf.rejected'`);
      expect(after.length - before.length).toBe(1);
    }
    expect((await lastAudit(house, "csrf.rejected"))?.detail).toEqual({ path: "/api/services/shopping/orders" });
    expect(hits()).toEqual([]);
  });

  it.each(["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])(
    "CS-01: a form of another site (%s) does nothing at the proxy, and connects nothing",
    async (type) => {
      for (const path of ["/api/services/shopping/orders", "/api/connect/notes", "/api/connect/notes/disconnect"]) {
        for (const mode of ["navigate", "cors", "no-cors"]) {
          const answered = await haneul.clone().request(house.url + path, {
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
          // What is no form at all is turned away before anybody looks where it is from.
          const isForm = type.endsWith("urlencoded") || path.startsWith("/api/services/");
          expect([path, mode, code]).toEqual([path, mode, isForm ? "csrf_rejected" : "invalid_request"]);
          expect(answered.headers.getSetCookie()).toEqual([]);
          if (!isForm) continue;
          expect(await lastAudit(house, "csrf.rejected")).toMatchObject({
            outcome: "failure",
            requestId: answered.headers.get("x-request-id"),
          });
        }
      }
      expect(hits()).toEqual([]);
      expect(await whoIs(house, haneul)).toMatchObject({ sub: "haneul" });
    },
  );

  it("CS-03: nobody's origin is let in, whoever asks before, or after", async () => {
    const { host } = new URL(house.url);
    for (const origin of [
      "https://evil.test",
      "null",
      `http://evil.${host}`,
      `${house.url}.evil.test`,
      house.url.replace("http:", "https:"),
      "*",
      house.url,
    ]) {
      for (const browser of [haneul, new HttpBrowser()]) {
        for (const method of ["OPTIONS", "GET", "POST"]) {
          const answered = await call(house, browser, "shopping/orders", {
            method,
            headers: {
              Origin: origin,
              "Access-Control-Request-Method": "POST",
              "Access-Control-Request-Headers": "x-csrf",
              "Access-Control-Request-Private-Network": "true",
            },
          });
          expect([...answered.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
          if (origin !== house.url) expect(answered.status).toBeGreaterThanOrEqual(400);
        }
      }
    }
    expect(hits().every(({ method }) => method !== "OPTIONS")).toBe(true);
  });
});
