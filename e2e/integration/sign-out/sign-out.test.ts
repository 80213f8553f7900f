import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { sessionCookie } from "../../support/cookies";
import { count, lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { shareTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await shareTestApp({ env: { OUTBOUND_TIMEOUT_MS: "1500" } });
  sibling = await app.startSibling();
});
afterEach(async () => {
  await app.control.clearFaults("company");
});
afterAll(() => app.close());

async function signOut(browser: HttpBrowser, scope: "device" | "provider" | "everywhere"): Promise<Page> {
  const page = await browser.request(`${app.url}/sign-out`);
  return browser.submit(page, `data-scope="${scope}"`);
}

async function leftTokens(sid: string) {
  return app.rows(
    `SELECT g."sealedRefreshToken", g."sealedIdToken", g."endReason", (SELECT count(*)::int FROM "AccessToken" t WHERE t."grantId" = g.id) tokens
     FROM "Grant" g JOIN "Session" s ON s.id = g."sessionId" WHERE s.id = $1`,
    [sid],
  );
}

async function newestSession(subject: string) {
  const [row] = await app.rows<{ id: string; endedAt: Date | null; endReason: string | null }>(
    `SELECT id, "endedAt", "endReason" FROM "Session" WHERE subject = $1 ORDER BY "createdAt" DESC LIMIT 1`,
    [subject],
  );
  return row;
}

describe("signing out", () => {
  it("LO-01: a sign-out ends the row first, then cookies, then the provider's session, and revokes the refresh token", async () => {
    const browser = await signedIn(app);
    const session = await newestSession("minsu");
    const issued = (await app.control.issued("company")).at(-1);
    await app.control.clearJournal("company");
    const answered = await signOut(browser, "provider");
    expect(answered.status).toBe(303);
    expect(await newestSession("minsu")).toMatchObject({
      id: session?.id,
      endedAt: expect.any(Date),
      endReason: "signed_out",
    });

    const target = new URL(answered.location ?? "");
    expect(target.origin).toBe(app.issuers.company);
    expect(Object.fromEntries(target.searchParams)).toEqual({
      id_token_hint: issued?.idToken,
      client_id: "daemun",
      post_logout_redirect_uri: `${app.url}/signed-out`,
      state: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(answered.headers.get("clear-site-data")).toBeNull();
    expect(answered.headers.getSetCookie().find((line) => line.startsWith(`${sessionCookie(app.url)}=`))).toBe(
      `${sessionCookie(app.url)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`,
    );
    const [revocation] = await app.control.journal("company", { endpoint: "revocation" });
    expect(revocation?.form).toMatchObject({ token: issued?.refreshToken, token_type_hint: "refresh_token" });
    expect(await leftTokens(session?.id ?? "")).toEqual([
      { sealedRefreshToken: null, sealedIdToken: null, endReason: "signed_out", tokens: 0 },
    ]);
    expect(await lastAudit(app, "sign_out")).toMatchObject({
      outcome: "success",
      detail: { scope: "provider", count: 1 },
    });

    // The provider sends the person back, and the page says what was ended.
    const back = await browser.visit(`${app.url}/signed-out?state=${target.searchParams.get("state")}`);
    expect(back.status).toBe(200);
    expect(back.body).toContain("company");
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("ends this device alone when that is asked: the provider is not visited", async () => {
    const browser = await signedIn(app);
    const other = await signedIn(app);
    const answered = await signOut(browser, "device");
    expect(answered.location).toBe(`${app.url}/signed-out`);
    expect(await whoIs(app, browser)).toBeNull();
    expect((await whoIs(app, other))?.sub).toBe("minsu");
  });

  it("LO-05: signing out everywhere ends every session of that person on every instance, and nobody else's", async () => {
    const [first, second] = [await signedIn(app, { user: "eunji" }), await signedIn(app, { user: "eunji" })];
    const stranger = await signedIn(app, { user: "jiwoo" });
    const answered = await signOut(first, "everywhere");
    expect(new URL(answered.location ?? "").origin).toBe(app.issuers.company);
    for (const base of [app.url, sibling.url]) {
      for (const browser of [first, second]) expect((await browser.fetch(`${base}/api/me`)).status).toBe(401);
      expect((await stranger.fetch(`${base}/api/me`)).status).toBe(200);
    }
    expect((await lastAudit(app, "sign_out"))?.detail).toMatchObject({ scope: "everywhere", count: 2 });
  });

  it.each([
    ["has no end_session_endpoint", { kind: "json", remove: ["end_session_endpoint"] }],
    ["is down", { kind: "reset" }],
    ["hangs", { kind: "hang" }],
  ] as const)("LO-05: a sign-out ends here and says so when the provider %s", async (_what, fault) => {
    const browser = await signedIn(app);
    await app.control.addFault("company", { endpoint: "discovery", times: null, fault: fault as never });
    const startedAt = Date.now();
    const answered = await signOut(browser, "provider");
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(answered.location).toBe(`${app.url}/signed-out`);
    expect(await whoIs(app, browser)).toBeNull();
    const page = await browser.request(answered.location ?? "");
    expect(page.status).toBe(200);
    expect(page.body).toContain("company");
  });

  it("a revocation endpoint that fails does not keep anybody in", async () => {
    const browser = await signedIn(app);
    await app.control.addFault("company", { endpoint: "revocation", fault: { kind: "hang" } });
    expect((await signOut(browser, "device")).status).toBe(303);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("LO-03: a GET ends nothing, nor does a form from elsewhere or with a foreign token", async () => {
    const browser = await signedIn(app);
    const page = await browser.request(`${app.url}/sign-out`);
    expect(page.status).toBe(200);
    const own = /name="csrfToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const otherPage = await (await signedIn(app)).request(`${app.url}/sign-out`);
    const foreign = /name="csrfToken" value="([^"]+)"/.exec(otherPage.body)?.[1] ?? "";
    expect((await browser.fetch(`${app.url}/api/auth/signout`)).status).toBe(405);
    const tries: [Record<string, string>, string][] = [
      [{ Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" }, own],
      [{ Origin: "null" }, own],
      [{}, foreign],
      [{}, ""],
    ];
    for (const [headers, csrfToken] of tries) {
      const answered = await browser.fetch(`${app.url}/api/auth/signout`, {
        method: "POST",
        form: { csrfToken },
        headers,
      });
      expect(answered.status).toBe(403);
      expect(answered.headers.getSetCookie()).toEqual([]);
    }
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    expect((await lastAudit(app, "csrf.rejected"))?.reason).toBe("csrf_rejected");
  });

  it("LO-03: signing out twice, with garbage, or without a session is no fault", async () => {
    const browser = await signedIn(app);
    const form = { csrfToken: "x", scope: "device" };
    await signOut(browser, "device");
    const before = await count(app);
    for (const cookie of [null, "garbage", "a.b.c.d.e"]) {
      if (cookie) browser.setCookie(app.url, sessionCookie(app.url), cookie);
      const answered = await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form });
      expect(answered.status).toBe(303);
      expect(answered.location).toBe(`${app.url}/signed-out`);
    }
    expect((await count(app)).sessions).toBe(before.sessions);
    expect((await browser.request(`${app.url}/sign-out`)).status).toBe(200);
    expect((await browser.request(`${app.url}/signed-out`)).status).toBe(200);
  });

  it("a cookie whose session has ended ends nobody else's session, and is handed no ID token", async () => {
    const browser = await signedIn(app, { user: "maximilian" });
    const thief = browser.clone();
    await signOut(browser, "device");
    const victim = await signedIn(app, { user: "maximilian" });
    const { csrfToken } = JSON.parse((await thief.fetch(`${app.url}/api/auth/csrf`)).body);
    const before = await app.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'sign_out'`);
    const answered = await thief.request(`${app.url}/api/auth/signout`, {
      method: "POST",
      form: { csrfToken, scope: "everywhere" },
    });
    expect(answered.location).not.toContain("id_token_hint");
    expect((await whoIs(app, victim))?.sub).toBe("maximilian");
    expect(await app.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'sign_out'`)).toHaveLength(before.length);
    // Nor is that told as a success.
    const told = (await thief.request(`${app.url}/signed-out`)).body;
    expect(told).toContain("Your sessions on other devices: sign in again to end them.");
  });

  it("a token that fits the browser alone ends no session", async () => {
    const browser = new HttpBrowser();
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    const user = await signedIn(app);
    const form = { csrfToken, scope: "device" };
    user.setCookie(app.url, "daemun.browser", browser.cookie(app.url, "daemun.browser") ?? "");
    expect((await user.fetch(`${app.url}/api/auth/signout`, { method: "POST", form })).status).toBe(403);
    const own = JSON.parse((await user.fetch(`${app.url}/api/auth/csrf`)).body);
    expect((await user.request(`${app.url}/api/auth/signout`, { method: "POST", form: own })).status).toBe(303);
    expect(await whoIs(app, user)).toBeNull();
  });

  it("a second click on signing out at the provider goes there too", async () => {
    const browser = await signedIn(app);
    const page = await browser.request(`${app.url}/sign-out`);
    const [first, second] = await Promise.all([
      browser.clone().submit(page, 'data-scope="provider"'),
      browser.clone().submit(page, 'data-scope="provider"'),
    ]);
    for (const answered of [first, second]) expect(new URL(answered.location ?? "").origin).toBe(app.issuers.company);
  });

  it("of two cookies of one name, signing out ends the session that the pages show", async () => {
    const [planted, own] = [await signedIn(app, { user: "jiwoo" }), await signedIn(app)];
    const both = `${sessionCookie(app.url)}=${planted.cookie(app.url, sessionCookie(app.url))}; ${sessionCookie(app.url)}=${own.cookie(app.url, sessionCookie(app.url))}`;
    const me = await new HttpBrowser().fetch(`${app.url}/api/me`, { headers: { Cookie: both } });
    expect(JSON.parse(me.body).sub).toBe("minsu");
    const page = await new HttpBrowser().request(`${app.url}/sign-out`, { headers: { Cookie: both } });
    const csrfToken = /name="csrfToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const form = { csrfToken, scope: "device" };
    await new HttpBrowser().request(`${app.url}/api/auth/signout`, {
      method: "POST",
      form,
      headers: { Cookie: both },
    });
    expect(await whoIs(app, own)).toBeNull();
    expect((await whoIs(app, planted))?.sub).toBe("jiwoo");
  });

  it("no request in flight brings a session back", async () => {
    const browser = await signedIn(app);
    const thief = browser.clone();
    const page = await browser.request(`${app.url}/sign-out`);
    const parallel = Array.from({ length: 10 }, () => thief.request(`${app.url}/account`));
    await Promise.all([browser.submit(page, 'data-scope="device"'), ...parallel]);
    expect((await thief.fetch(`${app.url}/api/me`)).status).toBe(401);
    expect((await newestSession("minsu"))?.endedAt).toEqual(expect.any(Date));
  });

  it("an unknown choice is refused, and nothing ends", async () => {
    const browser = await signedIn(app);
    const page = await browser.request(`${app.url}/sign-out`);
    const answered = await browser.submit(page, 'data-scope="device"', { scope: "planet" });
    expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("invalid_request");
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
  });
});

describe("a sign-out that says what NextAuth's client says", () => {
  const asClient = { "X-Auth-Return-Redirect": "1" };
  const formTokenOf = async (browser: HttpBrowser): Promise<string> =>
    JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body).csrfToken;
  const sessions = () => app.rows(`SELECT id, "endedAt", "endReason" FROM "Session" ORDER BY id`);

  it.each(["provider", "everywhere"])(
    "gets no provider's address, which has the ID token in it: scope %s is refused, and ends nothing",
    async (scope) => {
      const browser = await signedIn(app, { user: "minsu" });
      const before = await sessions();
      const form = { csrfToken: await formTokenOf(browser), scope };
      const refused = await browser.fetch(`${app.url}/api/auth/signout`, { method: "POST", form, headers: asClient });
      const { error, url } = JSON.parse(refused.body);
      expect([refused.status, error, new URL(url).origin]).toEqual([400, "invalid_request", app.url]);
      expect([refused.body.includes("id_token_hint"), refused.headers.getSetCookie()]).toEqual([false, []]);
      expect(await sessions()).toEqual(before);
      expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
    },
  );

  it("is told an address of this app where it ends the session of the device", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    const form = { csrfToken: await formTokenOf(browser), scope: "device" };
    const left = await browser.fetch(`${app.url}/api/auth/signout`, { method: "POST", form, headers: asClient });
    expect([left.status, JSON.parse(left.body)]).toEqual([200, { url: `${app.url}/signed-out` }]);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("is answered as a page where it is a navigation, also where that fails", async () => {
    const limited = await app.startSibling({ RATE_LIMIT_PER_MINUTE: "1" });
    await app.rows(`DELETE FROM "RateLimit"`);
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? limited.url : null));
    const leave = () => browser.request(`${app.url}/api/auth/signout`, { method: "POST", form: {}, headers: asClient });
    try {
      const left = await leave();
      expect([left.status, left.location]).toEqual([303, expect.stringContaining("/signed-out")]);
      const failed = await leave();
      expect([failed.status, failed.headers.get("content-type")]).toEqual([429, "text/html; charset=utf-8"]);
      expect(failed.headers.get("refresh")).toContain("/auth-error?code=rate_limited");
    } finally {
      await app.rows(`DELETE FROM "RateLimit"`);
      await limited.stop();
    }
  });
});
