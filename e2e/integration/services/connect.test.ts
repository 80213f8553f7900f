import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  callbackFor,
  callNotes,
  codeOf,
  connections,
  connectNotes,
  disconnect,
  exchanges,
  forgetConnections,
  refreshTokens,
  revoked,
  startConnecting,
  tokenOfForms,
} from "../../support/connecting";
import { sessionCookie } from "../../support/cookies";
import { expectLogged, lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { shareTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterEach(() => forgetConnections(app));
afterAll(() => app.close());

const errorOf = (page: Page) => [page.status, JSON.parse(page.body).error];
const notConnected = [409, "service_not_connected"];

/** Signs this device out, and leaves its browser with the provider's session. */
async function signOut(browser: HttpBrowser, scope: string): Promise<void> {
  const form = { csrfToken: await tokenOfForms(app, browser), scope };
  expect((await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form })).status).toBe(303);
  expect(await whoIs(app, browser)).toBeNull();
}

/** The row that PL-03 wants, and where else its request id is. */
async function expectAudited(event: string, page: Page, expected: Record<string, unknown>): Promise<void> {
  const row = await lastAudit(app, event);
  expect(row).toMatchObject({
    at: expect.any(Date),
    sessionHash: expect.stringMatching(/^[\w-]{22}$/),
    provider: "service:notes",
    issuer: app.issuers.notes,
    ip: expect.any(String),
    requestId: page.headers.get("x-request-id"),
    ...expected,
  });
  await expectLogged(app.instance, String(row?.requestId));
}

describe("connecting a service", () => {
  it("FF-07: ends at the page whose script was told that it is not connected, and never on another origin", async () => {
    const browser = await signedIn(app);
    const told = async (referer: string) => {
      const headers = { "X-CSRF": "1", Origin: app.url, "Sec-Fetch-Site": "same-origin", Referer: referer };
      const answered = await browser.fetch(`${app.url}/api/services/notes/notes`, { headers });
      return JSON.parse(answered.body).connect;
    };
    expect(await told("https://evil.test/x")).toBe("/account/connections#notes");
    const connect = await told(`${app.url}/services/notes?page=2`);
    expect(connect).toBe("/account/connections?returnTo=%2Fservices%2Fnotes%3Fpage%3D2#notes");
    const page = await browser.request(app.url + connect);
    const form = page.body.split("<form").find((text) => text.includes('action="/api/connect/notes"'));
    const returnTo = /name="returnTo" value="([^"]*)"/.exec(form ?? "")?.[1];
    const answered = await connectNotes(app, browser, { returnTo: returnTo ?? "" });
    expect(answered.location).toBe(`${app.url}/services/notes?page=2`);
    const evil = await browser.request(`${app.url}/account/connections?returnTo=https://evil.test/`);
    expect(evil.body).toContain('action="/api/connect/notes"');
    expect(evil.body).not.toContain('name="returnTo" value="https:');
  });

  it("leads there and back to where one was, and its calls work from then on", async () => {
    const browser = await signedIn(app);
    const refused = await callNotes(app, browser);
    expect(errorOf(refused)).toEqual(notConnected);
    expect(JSON.parse(refused.body)).toMatchObject({ connect: "/account/connections#notes" });

    const away = await startConnecting(app, browser, { returnTo: "/services/notes?page=2&q=a%20b" });
    const asked = new URL(away.location ?? "");
    expect([away.status, asked.origin, away.headers.get("cache-control")]).toEqual([
      302,
      app.issuers.notes,
      "private, no-store",
    ]);
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      client_id: "daemun",
      response_type: "code",
      redirect_uri: `${app.url}/api/connect/notes/callback`,
      scope: "openid offline_access notes:read",
      prompt: "consent",
      state: expect.stringMatching(/^.{32,}$/),
      nonce: expect.stringMatching(/^.{32,}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    const answered = await connectNotes(app, browser, { returnTo: "/services/notes?page=2&q=a%20b" });
    expect(answered.location).toBe(`${app.url}/services/notes?page=2&q=a%20b`);
    expect((await callNotes(app, browser)).status).toBe(200);

    const me = await whoIs(app, browser);
    expect(await connections(app)).toEqual([
      { userId: me?.user.id, scope: "openid offline_access notes:read", subject: "n-minsu" },
    ]);
    await expectAudited("service.connected", answered, {
      outcome: "success",
      reason: null,
      userId: me?.user.id,
      detail: { service: "notes", scope: "openid offline_access notes:read" },
    });
  });

  it.each([
    ["https://evil.example/", "/account"],
    ["//evil.example/", "/account"],
    ["/\\evil.example", "/account"],
    ["/api/auth/signout", "/account"],
  ])("comes back to no other place than one of ours: %s", async (returnTo, returned) => {
    const browser = await signedIn(app);
    expect((await connectNotes(app, browser, { returnTo })).location).toBe(app.url + returned);
  });

  it("asks for more when the person wants it, keeps what was granted, and goes on keeping it", async () => {
    const browser = await signedIn(app);
    await connectNotes(app, browser);
    expect((await callNotes(app, browser, { text: "milk" })).status).toBe(403);
    await connectNotes(app, browser, { more: true });
    expect((await callNotes(app, browser, { text: "milk" })).status).toBe(201);
    expect((await callNotes(app, browser)).body).toContain("milk");
    const again = await startConnecting(app, browser);
    expect(new URL(again.location ?? "").searchParams.get("scope")).toBe(
      "openid offline_access notes:read notes:write",
    );
    await connectNotes(app, browser);
    expect((await callNotes(app, browser, { text: "eggs" })).status).toBe(201);
    // There it is one grant with the former one: to revoke that would end both.
    expect([await revoked(app), (await connections(app)).length]).toEqual([[], 1]);
  });

  it("asks again for no scope that is not this app's to ask for", async () => {
    const browser = await signedIn(app);
    await connectNotes(app, browser, { fields: { scope: "email admin" } });
    await app.rows(`UPDATE "Grant" SET scope = scope || ' admin' WHERE service = 'notes'`);
    const away = await startConnecting(app, browser, { fields: { scope: "email admin" } });
    expect(new URL(away.location ?? "").searchParams.get("scope")).toBe("openid offline_access notes:read");
  });

  it("comes back to the page with nothing changed where the person says no", async () => {
    const browser = await signedIn(app);
    const away = await startConnecting(app, browser, { returnTo: "/services/notes" });
    const page = await browser.visit(away.location ?? "");
    const form = /<form\b[^>]*data-form="cancel"/.test(page.body);
    expect(form, page.body.slice(0, 500)).toBe(true);
    const said = await browser.submit(page, 'data-form="cancel"');
    const back = await browser.visit(said.location ?? "", {}, (url) => !url.startsWith(`${app.url}/services`));
    expect(back.location).toBe(`${app.url}/services/notes`);
    expect(errorOf(await callNotes(app, browser))).toEqual(notConnected);
    await expectAudited("service.denied", back, {
      outcome: "failure",
      reason: "sign_in_cancelled",
      detail: { service: "notes", cause: "access_denied" },
    });
  });
});

describe("a connection", () => {
  it("belongs to the person: it outlives a sign-out, and is there at the next sign-in and on another device", async () => {
    const browser = await signedIn(app);
    await connectNotes(app, browser);
    const phone = await signedIn(app);
    expect((await callNotes(app, phone)).status).toBe(200);
    for (const scope of ["device", "everywhere"]) {
      const [leaving, staying] = [await signedIn(app), new HttpBrowser()];
      await signOut(leaving, scope);
      expect((await callNotes(app, leaving)).status).toBe(401);
      expect((await callNotes(app, staying)).status).toBe(401);
      expect((await callNotes(app, await signedIn(app))).status).toBe(200);
    }
    expect(await revoked(app)).toEqual([]);
  });

  it("is nobody else's", async () => {
    await connectNotes(app, await signedIn(app));
    expect(errorOf(await callNotes(app, await signedIn(app, { user: "haneul" })))).toEqual(notConnected);
  });

  it("has its token renewed unnoticed, and says when it was used last", async () => {
    await app.control.setTokenLifetime("notes", 2);
    const browser = await signedIn(app);
    await connectNotes(app, browser);
    const before = await exchanges(app, "refresh_token");
    await expect
      .poll(async () => (await callNotes(app, browser)).status && exchanges(app, "refresh_token"), {
        timeout: 8_000,
      })
      .toBeGreaterThan(before);
    expect((await callNotes(app, browser)).status).toBe(200);
    await expect
      .poll(() => app.rows(`SELECT 1 FROM "Grant" WHERE service = 'notes' AND "lastUsedAt" IS NOT NULL`))
      .toHaveLength(1);
    await app.control.setTokenLifetime("notes", 3600);
  });

  it("that the service ended is not connected any more, and can be connected again", async () => {
    const browser = await signedIn(app);
    await connectNotes(app, browser);
    await app.control.revokeGrants("notes", { sub: "n-minsu" });
    expect(errorOf(await callNotes(app, browser))).toEqual(notConnected);
    expect(errorOf(await callNotes(app, browser))).toEqual(notConnected);
    expect(await exchanges(app, "refresh_token")).toBe(1);
    await connectNotes(app, browser);
    expect((await callNotes(app, browser)).status).toBe(200);
    // What is over leaves nothing behind.
    expect(await app.rows(`SELECT 1 FROM "Grant" WHERE service = 'notes'`)).toHaveLength(1);
  });
});

describe("disconnecting", () => {
  it("ends the connection here and at the service, once, and the next call says so", async () => {
    const browser = await signedIn(app);
    const phone = await signedIn(app);
    await connectNotes(app, browser);
    const page = await disconnect(app, browser);
    expect([page.status, page.location]).toEqual([303, `${app.url}/account/connections`]);
    for (const device of [browser, phone]) expect(errorOf(await callNotes(app, device))).toEqual(notConnected);
    await expect.poll(() => revoked(app)).toEqual(await refreshTokens(app));
    const me = await whoIs(app, browser);
    await expectAudited("service.disconnected", page, {
      outcome: "success",
      userId: me?.user.id,
      detail: { service: "notes" },
    });
    const left = `SELECT 1 FROM "Grant" g LEFT JOIN "AccessToken" t ON t."grantId" = g.id WHERE g.service = 'notes'
      AND (g."sealedRefreshToken" IS NOT NULL OR g."sealedIdToken" IS NOT NULL OR t.id IS NOT NULL)`;
    expect(await app.rows(left)).toEqual([]);

    const { length } = await app.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'service.disconnected'`);
    expect((await disconnect(app, browser)).status).toBe(303);
    expect(await app.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'service.disconnected'`)).toHaveLength(length);
    await connectNotes(app, browser);
    expect((await callNotes(app, phone)).status).toBe(200);
  });

  it("leaves somebody else's connection alone", async () => {
    const [minsu, haneul] = [await signedIn(app), await signedIn(app, { user: "haneul" })];
    await connectNotes(app, minsu);
    await connectNotes(app, haneul, { user: "n-haneul" });
    await disconnect(app, minsu);
    expect(errorOf(await callNotes(app, minsu))).toEqual(notConnected);
    expect((await callNotes(app, haneul)).status).toBe(200);
  });
});

describe("the routes of connecting", () => {
  const endpoints = ["/api/connect/notes", "/api/connect/notes/disconnect"];

  it.each(endpoints)("%s takes a form of this session and origin, and nothing else", async (endpoint) => {
    const [browser, other] = [await signedIn(app), await signedIn(app, { user: "haneul" })];
    await connectNotes(app, browser);
    const own = await tokenOfForms(app, browser);
    const send = (form: Record<string, string>, headers = {}) =>
      browser.fetch(app.url + endpoint, { method: "POST", form, headers });
    for (const answered of [
      await send({}),
      await send({ csrfToken: "x" }),
      await send({ csrfToken: await tokenOfForms(app, other) }),
      await send({ csrfToken: own }, { Origin: "https://evil.example" }),
      await send({ csrfToken: own }, { Origin: "null" }),
    ]) {
      expect(errorOf(answered)).toEqual([403, "csrf_rejected"]);
      const requestId = answered.headers.get("x-request-id");
      const audited = `SELECT 1 FROM "AuditEvent" WHERE event = 'csrf.rejected' AND "requestId" = $1`;
      expect(await app.rows(audited, [requestId])).toHaveLength(1);
    }
    const twice = await browser.fetch(app.url + endpoint, {
      method: "POST",
      body: `csrfToken=${own}&csrfToken=${own}`,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    expect(errorOf(twice)).toEqual([400, "invalid_request"]);
    const large = await send({ csrfToken: own, returnTo: "/".padEnd(20_000, "a") });
    expect(errorOf(large)).toEqual([413, "payload_too_large"]);
    expect((await callNotes(app, browser)).status).toBe(200);
    expect([405, 404]).toContain((await browser.fetch(app.url + endpoint)).status);
  });

  it("are not there for a service that nobody connects, or that there is not", async () => {
    const browser = await signedIn(app);
    for (const service of ["shopping", "nothing", "constructor", "Notes"]) {
      const form = { csrfToken: await tokenOfForms(app, browser) };
      for (const endpoint of ["", "/disconnect"]) {
        const url = `${app.url}/api/connect/${service}${endpoint}`;
        expect(errorOf(await browser.fetch(url, { method: "POST", form }))).toEqual([404, "unknown_service"]);
      }
      const back = await browser.fetch(`${app.url}/api/connect/${service}/callback?code=x&state=y`);
      expect(errorOf(back)).toEqual([404, "unknown_service"]);
    }
  });

  it("let nobody in who is not signed in: to the sign-in page, or 401", async () => {
    const browser = await signedIn(app);
    const callback = await callbackFor(app, browser);
    await signOut(browser, "device");
    const before = browser.setCookies.length;
    const page = await browser.request(callback);
    expect(new URL(page.location ?? "").pathname).toBe("/sign-in");
    expect(errorOf(await browser.fetch(callback))).toEqual([401, "not_authenticated"]);
    for (const endpoint of endpoints) {
      const answered = await browser.fetch(app.url + endpoint, { method: "POST", form: { csrfToken: "x" } });
      expect(errorOf(answered)).toEqual([401, "not_authenticated"]);
    }
    expect(browser.setCookies.slice(before).filter((line) => line.startsWith(`${sessionCookie(app.url)}=`))).toEqual(
      [],
    );
    expect(await whoIs(app, browser)).toBeNull();
    expect([await exchanges(app), await connections(app)]).toEqual([0, []]);
  });

  it("send somebody whose session was ended meanwhile to the sign-in page", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const callback = await callbackFor(app, browser, { user: "n-jiwoo", returnTo: "/services/notes" });
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'jiwoo'`);
    const page = await browser.request(callback);
    const target = new URL(page.location ?? "");
    expect([target.pathname, codeOf(page), target.searchParams.get("returnTo")]).toEqual([
      "/sign-in",
      "session_revoked",
      "/services/notes",
    ]);
    expect(await exchanges(app)).toBe(0);
  });
});
