import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { english } from "../../fixtures/texts";
import { sessionCookie } from "../../support/cookies";
import { HttpBrowser } from "../../support/http-browser";
import { openTestApp, signedIn, signIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ env: { SESSION_IDLE_SECONDS: "5", SESSION_ABSOLUTE_SECONDS: "15" } });
});
afterEach(async () => {
  await app.control.clearFaults("company");
});
afterAll(() => app.close());

const isOver = async (browser: HttpBrowser) =>
  (await browser.fetch(`${app.url}/api/session`)).body.includes('"authenticated":false');

async function endOf(browser: HttpBrowser) {
  const refused = await browser.fetch(`${app.url}/api/me`);
  const page = await browser.visit(`${app.url}/account?tab=2`);
  const { pathname, searchParams } = new URL(page.url);
  return {
    fetch: [refused.status, JSON.parse(refused.body).error],
    page: pathname,
    back: searchParams.get("returnTo"),
  };
}

async function expiries(userId: string | undefined) {
  return app.rows(
    `SELECT reason, detail FROM "AuditEvent" WHERE event = 'session.expired' AND "userId" = $1 ORDER BY id`,
    [userId],
  );
}

describe.concurrent("how long a session lasts", () => {
  it("SC-06 (a): a pause past the idle time ends it, with the reason told and recorded, and its tokens erased", async () => {
    const browser = await signedIn(app, { user: "maximilian" });
    const me = await whoIs(app, browser);
    await expect.poll(() => isOver(browser), { interval: 500 }).toBe(true);
    expect(await endOf(browser)).toEqual({ fetch: [401, "session_idle"], page: "/sign-in", back: "/account?tab=2" });
    const page = await browser.visit(`${app.url}/account`);
    expect(page.body).toContain(english("errors.session_idle.title"));
    expect(await expiries(me?.user.id)).toEqual([{ reason: "session_idle", detail: { cause: "idle" } }]);
    expect(
      await app.rows(
        `SELECT s."endReason", g."sealedRefreshToken" FROM "Session" s JOIN "Grant" g ON g."sessionId" = s.id WHERE s."userId" = $1`,
        [me?.user.id],
      ),
    ).toEqual([{ endReason: "session_idle", sealedRefreshToken: null }]);
  });

  it("SC-06 (b): who goes on all the time is signed out at the absolute deadline, though the cookie was renewed", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    const me = await whoIs(app, browser);
    // By the row: the sign-in itself takes its time, too, where many sign in at once.
    const [{ begun } = { begun: 0 }] = await app.rows<{ begun: number }>(
      `SELECT extract(epoch FROM max("createdAt"))::float * 1000 AS begun FROM "Session" WHERE "userId" = $1`,
      [me?.user.id],
    );
    const first = browser.cookie(app.url, sessionCookie(app.url));
    let last = 0;
    while (Date.now() - begun < 20_000) {
      const page = await browser.request(`${app.url}/account`);
      if (page.status !== 200) break;
      last = Date.now() - begun;
      await sleep(500);
    }
    expect(last).toBeGreaterThan(13_000);
    expect(last).toBeLessThan(17_000);
    expect(browser.cookie(app.url, sessionCookie(app.url))).not.toBe(first);
    expect(await endOf(browser)).toEqual({ fetch: [401, "session_expired"], page: "/sign-in", back: "/account?tab=2" });
    expect(await expiries(me?.user.id)).toEqual([{ reason: "session_expired", detail: { cause: "absolute" } }]);
  });

  it("SC-06 (b): a fetch alone finds out, and is recorded, when nobody opens a page after the end", async () => {
    const browser = await signedIn(app, { user: "eunji" });
    const me = await whoIs(app, browser);
    await app.rows(`UPDATE "Session" SET "idleExpiresAt" = expires WHERE "userId" = $1`, [me?.user.id]);
    const answers = async () => JSON.parse((await browser.fetch(`${app.url}/api/me`)).body).error;
    await expect.poll(answers, { interval: 500 }).toBe("session_expired");
    expect(await expiries(me?.user.id)).toEqual([{ reason: "session_expired", detail: { cause: "absolute" } }]);
  });

  it("SC-06 (c): polling, prefetching and refreshing keep nobody signed in", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const me = await whoIs(app, browser);
    const page = `${app.url}/account`;
    const machine = [
      () => browser.fetch(`${app.url}/api/session`),
      () => browser.fetch(`${app.url}/api/auth/session`),
      () => browser.fetch(`${app.url}/api/me`),
      () => browser.fetch(`${app.url}/api/session/step-up`),
      () => browser.request(`${app.url}/api/session/step-up`, { headers: { "Sec-Purpose": "prefetch" } }),
      () => browser.request(page, { headers: { "Sec-Purpose": "prefetch" } }),
      () => browser.fetch(`${page}?_rsc=1`, { headers: { RSC: "1", "Next-Router-Prefetch": "1" } }),
      () => browser.fetch(`${page}?_rsc=2`, { headers: { RSC: "1", Referer: page } }),
    ];
    const begun = Date.now();
    const cookie = browser.cookie(app.url, sessionCookie(app.url));
    while (Date.now() - begun < 9_000 && !(await isOver(browser))) {
      for (const ask of machine) await ask();
      await sleep(200);
    }
    expect(Date.now() - begun).toBeLessThan(8_000);
    expect(browser.cookie(app.url, sessionCookie(app.url))).toBe(cookie);
    expect(await expiries(me?.user.id)).toEqual([{ reason: "session_idle", detail: { cause: "idle" } }]);
  });

  it("somebody who stays for keep-alive alone is still there, and another origin cannot keep them", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const stay = (headers: Record<string, string>) =>
      browser.fetch(`${app.url}/api/session/keep-alive`, { method: "POST", headers });
    for (const until = Date.now() + 8_000; Date.now() < until; await sleep(500)) {
      const answered = await stay({ "X-CSRF": "1" });
      expect([answered.status, JSON.parse(answered.body).authenticated]).toEqual([200, true]);
    }
    for (const headers of [{}, { "X-CSRF": "1", Origin: "https://evil.example" }, { "X-CSRF": "1", Origin: "null" }]) {
      const refused = await stay(headers);
      expect([refused.status, JSON.parse(refused.body).error]).toEqual([403, "csrf_rejected"]);
    }
    expect(
      (
        await new HttpBrowser().fetch(`${app.url}/api/session/keep-alive`, {
          method: "POST",
          headers: { "X-CSRF": "1" },
        })
      ).status,
    ).toBe(401);
  });
});

describe("a provider that limits sessions itself", () => {
  const limit = (session_expiry: unknown) =>
    app.control.addFault("company", {
      endpoint: "token",
      fault: { kind: "id_token", setClaims: { session_expiry } },
    });

  it("ends the session at its own limit, which the person is told", async () => {
    await limit(Math.floor(Date.now() / 1000) + 3);
    const browser = await signedIn(app, { user: "blank" });
    const me = await whoIs(app, browser);
    await expect.poll(() => isOver(browser), { interval: 250 }).toBe(true);
    expect((await endOf(browser)).fetch).toEqual([401, "signed_out_by_provider"]);
    expect((await browser.visit(`${app.url}/account`)).body).toContain(english("errors.signed_out_by_provider.title"));
    expect(await expiries(me?.user.id)).toEqual([
      { reason: "signed_out_by_provider", detail: { cause: "provider_limit" } },
    ]);
  });

  it.each([
    ["in the past", 1_000_000],
    ["that is no time", "tomorrow"],
    ["between two seconds", 4e9 + 0.5],
  ])("signs nobody in with a limit %s", async (_, value) => {
    await limit(value);
    const answered = await signIn(app, new HttpBrowser(), { user: "blank" });
    expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("id_token_invalid");
  });
});

describe("a remembered sign-in", () => {
  it("has a pair of deadlines of its own, and the same cookie, row and rules", async () => {
    const browser = await signedIn(app, { user: "minsu", extra: { remember: "1" } });
    const me = await whoIs(app, browser);
    const [row] = await app.rows(
      `SELECT "rememberMe", "idleSeconds", ceil(extract(epoch FROM expires - "createdAt"))::int AS absolute
       FROM "Session" WHERE "userId" = $1 AND "endedAt" IS NULL AND "rememberMe"`,
      [me?.user.id],
    );
    expect(row).toEqual({ rememberMe: true, idleSeconds: 14 * 86_400, absolute: 30 * 86_400 });
    const set = browser.setCookies.findLast((line) => line.startsWith(`${sessionCookie(app.url)}=`));
    expect(Number(/Max-Age=(\d+)/i.exec(set ?? "")?.[1])).toBeGreaterThanOrEqual(30 * 86_400);
  });
});
