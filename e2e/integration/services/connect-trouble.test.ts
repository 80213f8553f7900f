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
import { lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { shareTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let isCut = false;
beforeAll(async () => {
  app = await shareTestApp();
});
afterEach(async () => {
  await mend();
  await forgetConnections(app);
});
afterAll(() => app.close());

async function cut() {
  await app.database.cut();
  isCut = true;
}

async function mend() {
  if (!isCut) return;
  await app.database.mend();
  isCut = false;
  await expect.poll(async () => (await new HttpBrowser().fetch(`${app.url}/readyz`)).status).toBe(200);
}

const errorOf = (page: Page) => [page.status, JSON.parse(page.body).error];
const notConnected = [409, "service_not_connected"];

describe("while the database is away", () => {
  it("nobody is sent to a service, and whoever comes back can try again when it is there", async () => {
    const browser = await signedIn(app);
    const callback = await callbackFor(app, browser);
    const form = { csrfToken: await tokenOfForms(app, browser) };
    await cut();
    for (const endpoint of ["notes", "notes/disconnect"]) {
      const url = `${app.url}/api/connect/${endpoint}`;
      expect(errorOf(await browser.fetch(url, { method: "POST", form }))).toEqual([503, "database_unavailable"]);
    }
    const page = await browser.request(callback);
    expect([page.status, page.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(errorOf(await callNotes(app, browser))).toEqual([503, "database_unavailable"]);
    await mend();
    expect(await exchanges(app)).toBe(0);
    expect(codeOf(await browser.request(callback))).toBeNull();
    expect((await callNotes(app, browser)).status).toBe(200);
  });

  it("tokens that cannot be kept are not, the person is told, and a former connection goes on", async () => {
    const browser = await signedIn(app);
    for (const before of [0, 1]) {
      const callback = await callbackFor(app, browser);
      await app.control.addFault("notes", { endpoint: "token", fault: { kind: "delay", delayMs: 1500 } });
      const asked = await exchanges(app);
      const answered = browser.request(callback);
      await expect.poll(() => exchanges(app)).toBe(asked + 1);
      await cut();
      expect((await answered).status).toBe(503);
      await mend();
      expect(await connections(app)).toHaveLength(before);
      // The state is spent: the code is not sent twice.
      await browser.request(callback);
      expect(await exchanges(app)).toBe(asked + 1);
      await connectNotes(app, browser);
      expect((await callNotes(app, browser)).status).toBe(200);
    }
    expect(await revoked(app)).toEqual([]);
  });
});

describe("a session that ends while its code is exchanged", () => {
  it("keeps no tokens", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const callback = await callbackFor(app, browser, { user: "n-jiwoo" });
    await app.control.addFault("notes", { endpoint: "token", fault: { kind: "delay", delayMs: 1500 } });
    const answered = browser.request(callback);
    await expect.poll(() => exchanges(app)).toBe(1);
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'jiwoo'`);
    expect(codeOf(await answered)).toBe("session_revoked");
    expect(await connections(app)).toEqual([]);
  });
});

describe("renewing the token of a connection", () => {
  async function expired(): Promise<HttpBrowser> {
    const browser = await signedIn(app);
    await connectNotes(app, browser);
    await app.rows(
      `UPDATE "AccessToken" t SET "expiresAt" = now() FROM "Grant" g WHERE g.id = t."grantId" AND g.service = 'notes'`,
    );
    return browser;
  }

  it("is one refresh for all who wait for it, on two instances", async () => {
    const sibling = await app.startSibling();
    const browser = await expired();
    const calls = Array.from({ length: 20 }, (_, n) =>
      callNotes(app, browser, n % 2 === 0 ? {} : { base: sibling.url }),
    );
    expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(await app.control.counters("notes")).toEqual({ refreshes: 1, reuseAlarms: 0 });
    await sibling.stop();
  });

  it("comes too late for whoever disconnected meanwhile, and what it brought is given back", async () => {
    const browser = await expired();
    // Replaced at once, and told slowly.
    const fault = { kind: "drip", everyMs: 200, bytes: 150 } as const;
    await app.control.addFault("notes", { endpoint: "token", fault });
    const call = callNotes(app, browser);
    await expect.poll(async () => (await refreshTokens(app)).length).toBe(2);
    await disconnect(app, browser);
    expect(errorOf(await call)).toEqual(notConnected);
    expect(await connections(app)).toEqual([]);
    const given = await refreshTokens(app);
    await expect.poll(async () => (await revoked(app)).sort()).toEqual(given.sort());
  });

  it("leaves whoever connected again meanwhile with the new tokens", async () => {
    const browser = await expired();
    const callback = await callbackFor(app, browser);
    await app.control.addFault("notes", {
      endpoint: "token",
      fault: { kind: "delay", delayMs: 1500 },
      grantType: "refresh_token",
    });
    const call = callNotes(app, browser);
    await expect.poll(() => exchanges(app, "refresh_token")).toBe(1);
    expect(codeOf(await browser.request(callback))).toBeNull();
    expect((await call).status).toBe(200);
    expect([await revoked(app), (await connections(app)).length]).toEqual([[], 1]);
    expect((await callNotes(app, browser)).status).toBe(200);
  });

  it("ends the connection, and no session, when the service names somebody else", async () => {
    const browser = await expired();
    const fault = { kind: "id_token", setClaims: { sub: "n-haneul" } } as const;
    await app.control.addFault("notes", { endpoint: "token", fault });
    const page = await callNotes(app, browser);
    expect(errorOf(page)).toEqual(notConnected);
    const me = await whoIs(app, browser);
    expect(me).toMatchObject({ sub: "minsu" });
    expect(await lastAudit(app, "security.identity_switch")).toMatchObject({
      userId: me?.user.id,
      provider: "service:notes",
      reason: "identity_mismatch",
      detail: { service: "notes", cause: "sub" },
    });
    expect(await connections(app)).toEqual([]);
    const [, renewed] = await refreshTokens(app);
    await expect.poll(() => revoked(app)).toContain(renewed);
    await connectNotes(app, browser);
    expect((await callNotes(app, browser)).status).toBe(200);
  });

  it("is not held up by what the service says about scopes", async () => {
    const browser = await expired();
    await app.control.addFault("notes", { endpoint: "token", fault: { kind: "json", set: { scope: "a\u0000b" } } });
    expect((await callNotes(app, browser)).status).toBe(200);
    expect(await connections(app)).toMatchObject([{ scope: "openid offline_access notes:read" }]);
    expect((await callNotes(app, browser)).status).toBe(200);
  });

  it("waits for a service that is away, and loses nothing", async () => {
    const browser = await expired();
    await app.control.addFault("notes", { endpoint: "token", fault: { kind: "respond", status: 503 } });
    const page = await callNotes(app, browser);
    expect(errorOf(page)).toEqual([503, "provider_unavailable"]);
    expect(page.headers.get("retry-after")).toMatch(/^\d+$/);
    await expect.poll(async () => (await callNotes(app, browser)).status).toBe(200);
  });
});

describe("somebody who connects another account there", () => {
  it("has the former one's tokens revoked", async () => {
    const browser = await signedIn(app);
    await connectNotes(app, browser);
    const [former] = await refreshTokens(app);
    await app.control.endSessions("notes", { sub: "n-minsu" });
    await connectNotes(app, browser, { user: "n-haneul" });
    expect(await connections(app)).toMatchObject([{ subject: "n-haneul" }]);
    await expect.poll(() => revoked(app)).toEqual([former]);
    expect((await callNotes(app, browser)).status).toBe(200);
  });
});

describe("a service that moved to another issuer", () => {
  it("is not shown what the former one gave: it has to be connected again", async () => {
    const browser = await signedIn(app);
    await connectNotes(app, browser);
    await app.rows(`UPDATE "Grant" SET issuer = 'https://former.example' WHERE service = 'notes'`);
    await app.services.notes.control.reset();
    expect(errorOf(await callNotes(app, browser))).toEqual(notConnected);
    expect(app.services.notes.control.journal()).toEqual([]);
    await disconnect(app, browser);
    await connectNotes(app, browser);
    expect((await callNotes(app, browser)).status).toBe(200);
    expect([await revoked(app), (await connections(app)).length]).toEqual([[], 1]);
  });
});

it("a start on one instance is finished on another", async () => {
  const sibling = await app.startSibling();
  const browser = await signedIn(app);
  await startConnecting(app, browser);
  const callback = await callbackFor(app, browser);
  expect(codeOf(await browser.request(callback.replace(app.url, sibling.url)))).toBeNull();
  for (const base of [app.url, sibling.url]) expect((await callNotes(app, browser, { base })).status).toBe(200);
  await sibling.stop();
});
