import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { count, lastAudit } from "./expectations";
import { type House, meetProvider, openHouse, signedIn, startSignIn, whoIs } from "./house";
import { HttpBrowser } from "./http-browser";

let house: House;
let isCut = false;
beforeAll(async () => {
  house = await openHouse();
});
afterEach(async () => {
  if (isCut) await mend();
});
afterAll(() => house.close());

async function cut() {
  await house.database.cut();
  isCut = true;
}

async function mend() {
  await house.database.mend();
  isCut = false;
  await expect
    .poll(async () => (await new HttpBrowser().fetch(`${house.url}/readyz`)).status, { timeout: 15_000 })
    .toBe(200);
}

describe("with the database away", () => {
  it("OU-01: public pages work, protected ones answer 503 and keep the cookie, which works again afterwards", async () => {
    const browser = await signedIn(house);
    const cookie = browser.cookie(house.url, "daemun.session");
    await cut();
    for (const path of ["/", "/sign-in", "/sign-out", "/signed-out", "/auth-error?code=state_mismatch"]) {
      const startedAt = Date.now();
      const page = await browser.request(house.url + path);
      expect([path, page.status < 500]).toEqual([path, true]);
      expect(Date.now() - startedAt).toBeLessThan(10_000);
      expect((await new HttpBrowser().request(house.url + path)).status).toBeLessThan(500);
    }
    const page = await browser.request(`${house.url}/account`);
    expect(page.status).toBe(503);
    expect(page.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(page.headers.get("cache-control")).toContain("no-store");
    expect(page.body).toMatch(/<h1/);
    for (const path of ["/api/me", "/api/session", "/api/auth/session"]) {
      const answered = await browser.fetch(house.url + path);
      expect([path, answered.status]).toEqual([path, 503]);
      expect(JSON.parse(answered.body)).toMatchObject({
        error: "database_unavailable",
        request_id: expect.any(String),
      });
      expect(answered.headers.get("retry-after")).toMatch(/^\d+$/);
    }
    expect(page.body + house.app.output()).not.toMatch(/\n\s+at .*\(.*:\d+:\d+\)/);
    expect((await new HttpBrowser().fetch(`${house.url}/healthz`)).status).toBe(200);
    expect((await new HttpBrowser().fetch(`${house.url}/readyz`)).status).toBe(503);
    expect(browser.cookie(house.url, "daemun.session")).toBe(cookie);
    await mend();
    expect((await whoIs(house, browser))?.sub).toBe("minsu");
    expect((await browser.request(`${house.url}/account`)).status).toBe(200);
  });

  it("a sign-out answers 503 rather than a false success, keeps the cookie, and works when tried again", async () => {
    const browser = await signedIn(house);
    const page = await browser.request(`${house.url}/sign-out`);
    await cut();
    const answered = await browser.submit(page, 'data-scope="device"');
    expect(answered.status).toBe(503);
    expect(answered.headers.get("retry-after")).toMatch(/^\d+$/);
    // Without a body a browser would show its own words, and not go on to ours.
    expect(answered.headers.get("refresh")).toMatch(/^0; url=\/auth-error\?code=logout_incomplete&/);
    expect(answered.body).toContain('<a href="/auth-error?code=logout_incomplete&amp;');
    expect(browser.cookie(house.url, "daemun.session")).toBeTruthy();
    await mend();
    expect((await whoIs(house, browser))?.sub).toBe("minsu");
    expect((await browser.submit(page, 'data-scope="device"')).status).toBe(303);
    expect(await whoIs(house, browser)).toBeNull();
  });

  it("OU-02: a callback asks for no token, signs nobody in, and its audit row is there after recovery", async () => {
    const browser = new HttpBrowser();
    const back = await meetProvider(house, browser, await startSignIn(house, browser), "eunji");
    const before = await count(house);
    await cut();
    const answered = await browser.request(back.location ?? "");
    expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("database_unavailable");
    expect((await count(house)).tokenRequests).toBe(before.tokenRequests);
    await mend();
    expect(await whoIs(house, browser)).toBeNull();
    expect(await count(house)).toMatchObject({
      users: before.users,
      accounts: before.accounts,
      sessions: before.sessions,
    });
    await expect.poll(async () => (await count(house)).failures, { timeout: 20_000 }).toBe(before.failures + 1);
    expect(await lastAudit(house, "sign_in.failed")).toMatchObject({
      reason: "database_unavailable",
      requestId: answered.headers.get("x-request-id"),
    });
    await signedIn(house, { person: "eunji" });
  });

  it("OU-02: cut between the code exchange and the commit, nothing is half written and the refresh token is given back", async () => {
    const browser = new HttpBrowser();
    const back = await meetProvider(house, browser, await startSignIn(house, browser), "jiwoo");
    const before = await count(house);
    await house.control.clearJournal("company");
    await house.control.addFault("company", { endpoint: "userinfo", fault: { kind: "delay", delayMs: 1500 } });
    const answering = browser.request(back.location ?? "");
    await expect.poll(async () => (await house.control.journal("company", { endpoint: "token" })).length).toBe(1);
    await cut();
    const answered = await answering;
    expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("database_unavailable");
    await expect.poll(async () => (await house.control.journal("company", { endpoint: "revocation" })).length).toBe(1);
    await mend();
    expect(await count(house)).toMatchObject({
      users: before.users,
      accounts: before.accounts,
      sessions: before.sessions,
    });
    expect(
      await house.rows(`SELECT 1 FROM "Grant" g LEFT JOIN "Session" s ON s.id = g."sessionId" WHERE s.id IS NULL`),
    ).toEqual([]);
    await signedIn(house, { person: "jiwoo" });
  });
});
