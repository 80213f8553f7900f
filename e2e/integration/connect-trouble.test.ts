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
let isCut = false;
beforeAll(async () => {
  house = await openHouse();
});
afterEach(async () => {
  await mend();
  await forgetConnections(house);
});
afterAll(() => house.close());

async function cut() {
  await house.database.cut();
  isCut = true;
}

async function mend() {
  if (!isCut) return;
  await house.database.mend();
  isCut = false;
  await expect
    .poll(async () => (await new HttpBrowser().fetch(`${house.url}/readyz`)).status, { timeout: 15_000 })
    .toBe(200);
}

const errorOf = (page: Page) => [page.status, JSON.parse(page.body).error];
const notConnected = [409, "service_not_connected"];

describe("while the database is away", () => {
  it("nobody is sent to a service, and whoever comes back can try again when it is there", async () => {
    const browser = await signedIn(house);
    const callback = await callbackFor(house, browser);
    const form = { csrfToken: await tokenOfForms(house, browser) };
    await cut();
    for (const door of ["notes", "notes/disconnect"]) {
      const url = `${house.url}/api/connect/${door}`;
      expect(errorOf(await browser.fetch(url, { method: "POST", form }))).toEqual([503, "database_unavailable"]);
    }
    const page = await browser.request(callback);
    expect([page.status, page.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(errorOf(await callNotes(house, browser))).toEqual([503, "database_unavailable"]);
    await mend();
    expect(await exchanges(house)).toBe(0);
    expect(codeOf(await browser.request(callback))).toBeNull();
    expect((await callNotes(house, browser)).status).toBe(200);
  });

  it("tokens that cannot be kept are not, the person is told, and a former connection goes on", async () => {
    const browser = await signedIn(house);
    for (const before of [0, 1]) {
      const callback = await callbackFor(house, browser);
      await house.control.addFault("notes", { endpoint: "token", fault: { kind: "delay", delayMs: 1500 } });
      const asked = await exchanges(house);
      const answered = browser.request(callback);
      await expect.poll(() => exchanges(house)).toBe(asked + 1);
      await cut();
      expect((await answered).status).toBe(503);
      await mend();
      expect(await connections(house)).toHaveLength(before);
      // The state is spent: the code is not sent twice.
      await browser.request(callback);
      expect(await exchanges(house)).toBe(asked + 1);
      await connectNotes(house, browser);
      expect((await callNotes(house, browser)).status).toBe(200);
    }
    expect(await revoked(house)).toEqual([]);
  });
});

describe("a session that ends while its code is exchanged", () => {
  it("keeps no tokens", async () => {
    const browser = await signedIn(house, { person: "jiwoo" });
    const callback = await callbackFor(house, browser, { person: "n-jiwoo" });
    await house.control.addFault("notes", { endpoint: "token", fault: { kind: "delay", delayMs: 1500 } });
    const answered = browser.request(callback);
    await expect.poll(() => exchanges(house)).toBe(1);
    await house.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'jiwoo'`);
    expect(codeOf(await answered)).toBe("session_revoked");
    expect(await connections(house)).toEqual([]);
  });
});

describe("renewing the token of a connection", () => {
  async function expired(): Promise<HttpBrowser> {
    const browser = await signedIn(house);
    await connectNotes(house, browser);
    await house.rows(
      `UPDATE "AccessToken" t SET "expiresAt" = now() FROM "Grant" g WHERE g.id = t."grantId" AND g.service = 'notes'`,
    );
    return browser;
  }

  it("is one refresh for all who wait for it, on two instances", async () => {
    const sibling = await house.startSibling();
    const browser = await expired();
    const calls = Array.from({ length: 20 }, (_, n) =>
      callNotes(house, browser, n % 2 === 0 ? {} : { base: sibling.url }),
    );
    expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(await house.control.counters("notes")).toEqual({ refreshes: 1, reuseAlarms: 0 });
    await sibling.stop();
  });

  it("comes too late for whoever disconnected meanwhile, and what it brought is given back", async () => {
    const browser = await expired();
    // Replaced at once, and told slowly.
    const fault = { kind: "drip", everyMs: 200, bytes: 150 } as const;
    await house.control.addFault("notes", { endpoint: "token", fault });
    const call = callNotes(house, browser);
    await expect.poll(async () => (await refreshTokens(house)).length).toBe(2);
    await disconnect(house, browser);
    expect(errorOf(await call)).toEqual(notConnected);
    expect(await connections(house)).toEqual([]);
    const given = await refreshTokens(house);
    await expect.poll(async () => (await revoked(house)).sort()).toEqual(given.sort());
  });

  it("leaves whoever connected again meanwhile with the new tokens", async () => {
    const browser = await expired();
    const callback = await callbackFor(house, browser);
    await house.control.addFault("notes", {
      endpoint: "token",
      fault: { kind: "delay", delayMs: 1500 },
      grantType: "refresh_token",
    });
    const call = callNotes(house, browser);
    await expect.poll(() => exchanges(house, "refresh_token")).toBe(1);
    expect(codeOf(await browser.request(callback))).toBeNull();
    expect((await call).status).toBe(200);
    expect([await revoked(house), (await connections(house)).length]).toEqual([[], 1]);
    expect((await callNotes(house, browser)).status).toBe(200);
  });

  it("ends the connection, and no session, when the service names somebody else", async () => {
    const browser = await expired();
    const fault = { kind: "id_token", setClaims: { sub: "n-haneul" } } as const;
    await house.control.addFault("notes", { endpoint: "token", fault });
    const page = await callNotes(house, browser);
    expect(errorOf(page)).toEqual(notConnected);
    const me = await whoIs(house, browser);
    expect(me).toMatchObject({ sub: "minsu" });
    expect(await lastAudit(house, "security.identity_switch")).toMatchObject({
      userId: me?.user.id,
      provider: "service:notes",
      reason: "identity_mismatch",
      detail: { service: "notes", cause: "sub" },
    });
    expect(await connections(house)).toEqual([]);
    const [, renewed] = await refreshTokens(house);
    await expect.poll(() => revoked(house)).toContain(renewed);
    await connectNotes(house, browser);
    expect((await callNotes(house, browser)).status).toBe(200);
  });

  it("is not held up by what the service says about scopes", async () => {
    const browser = await expired();
    await house.control.addFault("notes", { endpoint: "token", fault: { kind: "json", set: { scope: "a\u0000b" } } });
    expect((await callNotes(house, browser)).status).toBe(200);
    expect(await connections(house)).toMatchObject([{ scope: "openid notes:read offline_access" }]);
    expect((await callNotes(house, browser)).status).toBe(200);
  });

  it("waits for a service that is away, and loses nothing", async () => {
    const browser = await expired();
    await house.control.addFault("notes", { endpoint: "token", fault: { kind: "respond", status: 503 } });
    const page = await callNotes(house, browser);
    expect(errorOf(page)).toEqual([503, "provider_unavailable"]);
    expect(page.headers.get("retry-after")).toMatch(/^\d+$/);
    await expect.poll(async () => (await callNotes(house, browser)).status, { timeout: 10_000 }).toBe(200);
  });
});

describe("somebody who connects another account there", () => {
  it("has the former one's tokens revoked", async () => {
    const browser = await signedIn(house);
    await connectNotes(house, browser);
    const [former] = await refreshTokens(house);
    await house.control.endSessions("notes", { sub: "n-minsu" });
    await connectNotes(house, browser, { person: "n-haneul" });
    expect(await connections(house)).toMatchObject([{ subject: "n-haneul" }]);
    await expect.poll(() => revoked(house)).toEqual([former]);
    expect((await callNotes(house, browser)).status).toBe(200);
  });
});

describe("a service that moved to another issuer", () => {
  it("is not shown what the former one gave: it has to be connected again", async () => {
    const browser = await signedIn(house);
    await connectNotes(house, browser);
    await house.rows(`UPDATE "Grant" SET issuer = 'https://former.example' WHERE service = 'notes'`);
    await house.services.notes.control.reset();
    expect(errorOf(await callNotes(house, browser))).toEqual(notConnected);
    expect(house.services.notes.control.journal()).toEqual([]);
    await disconnect(house, browser);
    await connectNotes(house, browser);
    expect((await callNotes(house, browser)).status).toBe(200);
    expect([await revoked(house), (await connections(house)).length]).toEqual([[], 1]);
  });
});

it("a start on one instance is finished on another", async () => {
  const sibling = await house.startSibling();
  const browser = await signedIn(house);
  await startConnecting(house, browser);
  const callback = await callbackFor(house, browser);
  expect(codeOf(await browser.request(callback.replace(house.url, sibling.url)))).toBeNull();
  for (const base of [house.url, sibling.url]) expect((await callNotes(house, browser, { base })).status).toBe(200);
  await sibling.stop();
});
