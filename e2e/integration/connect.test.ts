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
} from "./connecting";
import { lastAudit } from "./expectations";
import { type House, openHouse, signedIn, whoIs } from "./house";
import { HttpBrowser, type Page } from "./http-browser";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterEach(() => forgetConnections(house));
afterAll(() => house.close());

const errorOf = (page: Page) => [page.status, JSON.parse(page.body).error];
const notConnected = [409, "service_not_connected"];

/** Signs this device out, and leaves its browser with the provider's session. */
async function signOut(browser: HttpBrowser, scope: string): Promise<void> {
  const form = { csrfToken: await tokenOfForms(house, browser), scope };
  expect((await browser.request(`${house.url}/api/auth/signout`, { method: "POST", form })).status).toBe(303);
  expect(await whoIs(house, browser)).toBeNull();
}

/** The row that PL-03 wants, and where else its request id is. */
async function expectAudited(event: string, page: Page, expected: Record<string, unknown>): Promise<void> {
  const row = await lastAudit(house, event);
  expect(row).toMatchObject({
    at: expect.any(Date),
    sessionHash: expect.stringMatching(/^[\w-]{22}$/),
    provider: "service:notes",
    issuer: house.issuers.notes,
    ip: expect.any(String),
    requestId: page.headers.get("x-request-id"),
    ...expected,
  });
  expect(house.app.output()).toContain(String(row?.requestId));
}

describe("connecting a service", () => {
  it("leads there and back to where one was, and its calls work from then on", async () => {
    const browser = await signedIn(house);
    const refused = await callNotes(house, browser);
    expect(errorOf(refused)).toEqual(notConnected);
    expect(JSON.parse(refused.body)).toMatchObject({ connect: "/account/connections#notes" });

    const away = await startConnecting(house, browser, { returnTo: "/services/notes?page=2&q=a%20b" });
    const asked = new URL(away.location ?? "");
    expect([away.status, asked.origin, away.headers.get("cache-control")]).toEqual([
      302,
      house.issuers.notes,
      "private, no-store",
    ]);
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      client_id: "daemun",
      response_type: "code",
      redirect_uri: `${house.url}/api/connect/notes/callback`,
      scope: "openid offline_access notes:read",
      state: expect.stringMatching(/^.{32,}$/),
      nonce: expect.stringMatching(/^.{32,}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    const answered = await connectNotes(house, browser, { returnTo: "/services/notes?page=2&q=a%20b" });
    expect(answered.location).toBe(`${house.url}/services/notes?page=2&q=a%20b`);
    expect((await callNotes(house, browser)).status).toBe(200);

    const me = await whoIs(house, browser);
    expect(await connections(house)).toEqual([
      { userId: me?.user.id, scope: "openid notes:read offline_access", subject: "n-minsu" },
    ]);
    await expectAudited("service.connected", answered, {
      outcome: "success",
      reason: null,
      userId: me?.user.id,
      detail: { service: "notes", scope: "openid notes:read offline_access" },
    });
  });

  it.each([
    ["https://evil.example/", "/account"],
    ["//evil.example/", "/account"],
    ["/\\evil.example", "/account"],
    ["/api/auth/signout", "/account"],
  ])("comes back to no other place than one of ours: %s", async (returnTo, landing) => {
    const browser = await signedIn(house);
    expect((await connectNotes(house, browser, { returnTo })).location).toBe(house.url + landing);
  });

  it("asks for more when the person wants it, keeps what was granted, and goes on keeping it", async () => {
    const browser = await signedIn(house);
    await connectNotes(house, browser);
    expect((await callNotes(house, browser, { text: "milk" })).status).toBe(403);
    await connectNotes(house, browser, { more: true });
    expect((await callNotes(house, browser, { text: "milk" })).status).toBe(201);
    expect((await callNotes(house, browser)).body).toContain("milk");
    const again = await startConnecting(house, browser);
    expect(new URL(again.location ?? "").searchParams.get("scope")).toBe(
      "openid offline_access notes:read notes:write",
    );
    await connectNotes(house, browser);
    expect((await callNotes(house, browser, { text: "eggs" })).status).toBe(201);
    // There it is one grant with the former one: to revoke that would end both.
    expect([await revoked(house), (await connections(house)).length]).toEqual([[], 1]);
  });

  it("asks again for no scope that is not this house's to ask for", async () => {
    const browser = await signedIn(house);
    await connectNotes(house, browser, { fields: { scope: "email admin" } });
    await house.rows(`UPDATE "Grant" SET scope = scope || ' admin' WHERE service = 'notes'`);
    const away = await startConnecting(house, browser, { fields: { scope: "email admin" } });
    expect(new URL(away.location ?? "").searchParams.get("scope")).toBe("openid offline_access notes:read");
  });

  it("comes back to the page with nothing changed where the person says no", async () => {
    const browser = await signedIn(house);
    const away = await startConnecting(house, browser, { returnTo: "/services/notes" });
    const page = await browser.visit(away.location ?? "");
    const form = /<form\b[^>]*data-form="cancel"/.test(page.body);
    expect(form, page.body.slice(0, 500)).toBe(true);
    const said = await browser.submit(page, 'data-form="cancel"');
    const back = await browser.visit(said.location ?? "", {}, (url) => !url.startsWith(`${house.url}/services`));
    expect(back.location).toBe(`${house.url}/services/notes`);
    expect(errorOf(await callNotes(house, browser))).toEqual(notConnected);
    await expectAudited("service.denied", back, {
      outcome: "failure",
      reason: "sign_in_cancelled",
      detail: { service: "notes", cause: "access_denied" },
    });
  });
});

describe("a connection", () => {
  it("belongs to the person: it outlives a sign-out, and is there at the next sign-in and on another device", async () => {
    const browser = await signedIn(house);
    await connectNotes(house, browser);
    const phone = await signedIn(house);
    expect((await callNotes(house, phone)).status).toBe(200);
    for (const scope of ["device", "everywhere"]) {
      const [leaving, staying] = [await signedIn(house), new HttpBrowser()];
      await signOut(leaving, scope);
      expect((await callNotes(house, leaving)).status).toBe(401);
      expect((await callNotes(house, staying)).status).toBe(401);
      expect((await callNotes(house, await signedIn(house))).status).toBe(200);
    }
    expect(await revoked(house)).toEqual([]);
  });

  it("is nobody else's", async () => {
    await connectNotes(house, await signedIn(house));
    expect(errorOf(await callNotes(house, await signedIn(house, { person: "haneul" })))).toEqual(notConnected);
  });

  it("has its token renewed unnoticed, and says when it was used last", async () => {
    await house.control.setTokenLifetime("notes", 2);
    const browser = await signedIn(house);
    await connectNotes(house, browser);
    const before = await exchanges(house, "refresh_token");
    await expect
      .poll(async () => (await callNotes(house, browser)).status && exchanges(house, "refresh_token"), {
        timeout: 8_000,
      })
      .toBeGreaterThan(before);
    expect((await callNotes(house, browser)).status).toBe(200);
    await expect
      .poll(() => house.rows(`SELECT 1 FROM "Grant" WHERE service = 'notes' AND "lastUsedAt" IS NOT NULL`))
      .toHaveLength(1);
    await house.control.setTokenLifetime("notes", 3600);
  });

  it("that the service ended is not connected any more, and can be connected again", async () => {
    const browser = await signedIn(house);
    await connectNotes(house, browser);
    await house.control.revokeGrants("notes", { sub: "n-minsu" });
    expect(errorOf(await callNotes(house, browser))).toEqual(notConnected);
    expect(errorOf(await callNotes(house, browser))).toEqual(notConnected);
    expect(await exchanges(house, "refresh_token")).toBe(1);
    await connectNotes(house, browser);
    expect((await callNotes(house, browser)).status).toBe(200);
    // What is over leaves nothing behind.
    expect(await house.rows(`SELECT 1 FROM "Grant" WHERE service = 'notes'`)).toHaveLength(1);
  });
});

describe("disconnecting", () => {
  it("ends the connection here and at the service, once, and the next call says so", async () => {
    const browser = await signedIn(house);
    const phone = await signedIn(house);
    await connectNotes(house, browser);
    const page = await disconnect(house, browser);
    expect([page.status, page.location]).toEqual([303, `${house.url}/account/connections`]);
    for (const device of [browser, phone]) expect(errorOf(await callNotes(house, device))).toEqual(notConnected);
    await expect.poll(() => revoked(house)).toEqual(await refreshTokens(house));
    const me = await whoIs(house, browser);
    await expectAudited("service.disconnected", page, {
      outcome: "success",
      userId: me?.user.id,
      detail: { service: "notes" },
    });
    const left = `SELECT 1 FROM "Grant" g LEFT JOIN "AccessToken" t ON t."grantId" = g.id WHERE g.service = 'notes'
      AND (g."sealedRefreshToken" IS NOT NULL OR g."sealedIdToken" IS NOT NULL OR t.id IS NOT NULL)`;
    expect(await house.rows(left)).toEqual([]);

    const { length } = await house.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'service.disconnected'`);
    expect((await disconnect(house, browser)).status).toBe(303);
    expect(await house.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'service.disconnected'`)).toHaveLength(length);
    await connectNotes(house, browser);
    expect((await callNotes(house, phone)).status).toBe(200);
  });

  it("leaves somebody else's connection alone", async () => {
    const [minsu, haneul] = [await signedIn(house), await signedIn(house, { person: "haneul" })];
    await connectNotes(house, minsu);
    await connectNotes(house, haneul, { person: "n-haneul" });
    await disconnect(house, minsu);
    expect(errorOf(await callNotes(house, minsu))).toEqual(notConnected);
    expect((await callNotes(house, haneul)).status).toBe(200);
  });
});

describe("the doors of connecting", () => {
  const doors = ["/api/connect/notes", "/api/connect/notes/disconnect"];

  it.each(doors)("%s takes a form of this session and origin, and nothing else", async (door) => {
    const [browser, other] = [await signedIn(house), await signedIn(house, { person: "haneul" })];
    await connectNotes(house, browser);
    const own = await tokenOfForms(house, browser);
    const send = (form: Record<string, string>, headers = {}) =>
      browser.fetch(house.url + door, { method: "POST", form, headers });
    for (const answered of [
      await send({}),
      await send({ csrfToken: "x" }),
      await send({ csrfToken: await tokenOfForms(house, other) }),
      await send({ csrfToken: own }, { Origin: "https://evil.example" }),
      await send({ csrfToken: own }, { Origin: "null" }),
    ]) {
      expect(errorOf(answered)).toEqual([403, "csrf_rejected"]);
      const requestId = answered.headers.get("x-request-id");
      const audited = `SELECT 1 FROM "AuditEvent" WHERE event = 'csrf.rejected' AND "requestId" = $1`;
      expect(await house.rows(audited, [requestId])).toHaveLength(1);
    }
    const twice = await browser.fetch(house.url + door, {
      method: "POST",
      body: `csrfToken=${own}&csrfToken=${own}`,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    expect(errorOf(twice)).toEqual([400, "invalid_request"]);
    const large = await send({ csrfToken: own, returnTo: "/".padEnd(20_000, "a") });
    expect(errorOf(large)).toEqual([413, "payload_too_large"]);
    expect((await callNotes(house, browser)).status).toBe(200);
    expect([405, 404]).toContain((await browser.fetch(house.url + door)).status);
  });

  it("are not there for a service that nobody connects, or that there is not", async () => {
    const browser = await signedIn(house);
    for (const service of ["shopping", "nothing", "constructor", "Notes"]) {
      const form = { csrfToken: await tokenOfForms(house, browser) };
      for (const door of ["", "/disconnect"]) {
        const url = `${house.url}/api/connect/${service}${door}`;
        expect(errorOf(await browser.fetch(url, { method: "POST", form }))).toEqual([404, "unknown_service"]);
      }
      const back = await browser.fetch(`${house.url}/api/connect/${service}/callback?code=x&state=y`);
      expect(errorOf(back)).toEqual([404, "unknown_service"]);
    }
  });

  it("let nobody in who is not signed in: to the sign-in page, or 401", async () => {
    const browser = await signedIn(house);
    const callback = await callbackFor(house, browser);
    await signOut(browser, "device");
    const before = browser.setCookies.length;
    const page = await browser.request(callback);
    expect(new URL(page.location ?? "").pathname).toBe("/sign-in");
    expect(errorOf(await browser.fetch(callback))).toEqual([401, "not_authenticated"]);
    for (const door of doors) {
      const answered = await browser.fetch(house.url + door, { method: "POST", form: { csrfToken: "x" } });
      expect(errorOf(answered)).toEqual([401, "not_authenticated"]);
    }
    expect(browser.setCookies.slice(before).filter((line) => line.startsWith("daemun.session="))).toEqual([]);
    expect(await whoIs(house, browser)).toBeNull();
    expect([await exchanges(house), await connections(house)]).toEqual([0, []]);
  });

  it("send somebody whose session was ended meanwhile to the sign-in page", async () => {
    const browser = await signedIn(house, { person: "jiwoo" });
    const callback = await callbackFor(house, browser, { person: "n-jiwoo", returnTo: "/services/notes" });
    await house.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'jiwoo'`);
    const page = await browser.request(callback);
    const target = new URL(page.location ?? "");
    expect([target.pathname, codeOf(page), target.searchParams.get("returnTo")]).toEqual([
      "/sign-in",
      "session_revoked",
      "/services/notes",
    ]);
    expect(await exchanges(house)).toBe(0);
  });
});
