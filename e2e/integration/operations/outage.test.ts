import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sessionCookie } from "../../support/cookies";
import { count, lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, openTestApp, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let isCut = false;
beforeAll(async () => {
  app = await openTestApp();
});
afterEach(async () => {
  if (isCut) await mend();
});
afterAll(() => app.close());

async function cut() {
  await app.database.cut();
  isCut = true;
}

async function mend() {
  await app.database.mend();
  isCut = false;
  await expect.poll(async () => (await new HttpBrowser().fetch(`${app.url}/readyz`)).status).toBe(200);
}

describe("with the database away", () => {
  it("OU-01: without the database public pages work, protected ones answer 503 and keep the cookie, which works again afterwards", async () => {
    const browser = await signedIn(app);
    const cookie = browser.cookie(app.url, sessionCookie(app.url));
    await cut();
    for (const path of ["/", "/sign-in", "/sign-out", "/signed-out", "/auth-error?code=state_mismatch"]) {
      const startedAt = Date.now();
      const page = await browser.request(app.url + path);
      expect([path, page.status < 500]).toEqual([path, true]);
      expect(Date.now() - startedAt).toBeLessThan(10_000);
      expect((await new HttpBrowser().request(app.url + path)).status).toBeLessThan(500);
    }
    const page = await browser.request(`${app.url}/account`);
    expect(page.status).toBe(503);
    expect(page.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(page.headers.get("cache-control")).toContain("no-store");
    expect(page.body).toMatch(/<h1/);
    for (const path of ["/api/me", "/api/session", "/api/auth/session"]) {
      const answered = await browser.fetch(app.url + path);
      expect([path, answered.status]).toEqual([path, 503]);
      expect(JSON.parse(answered.body)).toMatchObject({
        error: "database_unavailable",
        request_id: expect.any(String),
      });
      expect(answered.headers.get("retry-after")).toMatch(/^\d+$/);
    }
    expect(page.body + app.instance.output()).not.toMatch(/\n\s+at .*\(.*:\d+:\d+\)/);
    expect((await new HttpBrowser().fetch(`${app.url}/healthz`)).status).toBe(200);
    expect((await new HttpBrowser().fetch(`${app.url}/readyz`)).status).toBe(503);
    expect(browser.cookie(app.url, sessionCookie(app.url))).toBe(cookie);
    await mend();
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    expect((await browser.request(`${app.url}/account`)).status).toBe(200);
  });

  it("a sign-out answers 503 rather than a false success, keeps the cookie, and works when tried again", async () => {
    const browser = await signedIn(app);
    const page = await browser.request(`${app.url}/sign-out`);
    await cut();
    const answered = await browser.submit(page, 'data-scope="device"');
    expect(answered.status).toBe(503);
    expect(answered.headers.get("retry-after")).toMatch(/^\d+$/);
    // Without a body a browser would show its own words, and not go on to ours.
    expect(answered.headers.get("refresh")).toMatch(/^0; url=\/auth-error\?code=logout_incomplete&/);
    expect(answered.body).toContain('<a href="/auth-error?code=logout_incomplete&amp;');
    expect(browser.cookie(app.url, sessionCookie(app.url))).toBeTruthy();
    await mend();
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    expect((await browser.submit(page, 'data-scope="device"')).status).toBe(303);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("OU-02: without the database a callback asks for no token, signs nobody in, and its audit row is there after recovery", async () => {
    const browser = new HttpBrowser();
    const back = await meetProvider(app, browser, await startSignIn(app, browser), "eunji");
    const before = await count(app);
    await cut();
    const answered = await browser.request(back.location ?? "");
    expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("database_unavailable");
    expect((await count(app)).tokenRequests).toBe(before.tokenRequests);
    await mend();
    expect(await whoIs(app, browser)).toBeNull();
    expect(await count(app)).toMatchObject({
      users: before.users,
      accounts: before.accounts,
      sessions: before.sessions,
    });
    await expect.poll(async () => (await count(app)).failures).toBe(before.failures + 1);
    expect(await lastAudit(app, "sign_in.failed")).toMatchObject({
      reason: "database_unavailable",
      requestId: answered.headers.get("x-request-id"),
    });
    await signedIn(app, { user: "eunji" });
  });

  it("OU-02: a database that is cut between code exchange and commit: nothing is half written and the refresh token is given back", async () => {
    const browser = new HttpBrowser();
    const back = await meetProvider(app, browser, await startSignIn(app, browser), "jiwoo");
    const before = await count(app);
    await app.control.clearJournal("company");
    await app.control.addFault("company", { endpoint: "userinfo", fault: { kind: "delay", delayMs: 1500 } });
    const answering = browser.request(back.location ?? "");
    await expect.poll(async () => (await app.control.journal("company", { endpoint: "token" })).length).toBe(1);
    await cut();
    const answered = await answering;
    expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("database_unavailable");
    await expect.poll(async () => (await app.control.journal("company", { endpoint: "revocation" })).length).toBe(1);
    await mend();
    expect(await count(app)).toMatchObject({
      users: before.users,
      accounts: before.accounts,
      sessions: before.sessions,
    });
    expect(
      await app.rows(`SELECT 1 FROM "Grant" g LEFT JOIN "Session" s ON s.id = g."sessionId" WHERE s.id IS NULL`),
    ).toEqual([]);
    await signedIn(app, { user: "jiwoo" });
  });
});
