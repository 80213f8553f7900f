import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sessionCookie } from "../../support/cookies";
import { openExtendedApp } from "../../support/extension/extended-app";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openExtendedApp();
}, 600_000);
afterEach(() => app.control.clearFaults("company"));
afterAll(() => app?.close());

const target = (location: string | null) => new URL(location ?? "", app.url);
const start = (browser: HttpBrowser, form: Record<string, string>, headers: Record<string, string> = {}) =>
  browser.fetch(`${app.url}/api/auth/signin/company`, { method: "POST", form, headers });

describe("what NextAuth's client is answered", () => {
  const asClient = { "X-Auth-Return-Redirect": "1" };

  it("the address to go to, with the transaction's cookie", async () => {
    const browser = new HttpBrowser();
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    const callbackUrl = `${app.url}/club/anybody?a=1`;
    const started = await start(browser, { csrfToken, callbackUrl }, asClient);
    expect([started.status, started.location]).toEqual([200, null]);
    const { url } = JSON.parse(started.body);
    expect(started.headers.get("cache-control")).toBe("private, no-store");
    const back = await meetProvider(app, browser, { ...started, status: 302, location: url }, "minsu");
    expect((await browser.request(back.location ?? "")).location).toBe(callbackUrl);
  });

  it.each([
    ["a forged token", { csrfToken: "x".repeat(43) }, 403, "csrf_rejected"],
    ["a field of another kind", { prompt: "none" }, 400, "invalid_request"],
  ])("the error and where it is explained, for %s", async (_, form, status, code) => {
    const refused = await start(new HttpBrowser(), form, asClient);
    const { error, url } = JSON.parse(refused.body);
    expect([refused.status, error]).toEqual([status, code]);
    const explained = new URL(url);
    expect([explained.origin, explained.pathname, explained.searchParams.get("error")]).toEqual([
      app.url,
      "/sign-in",
      code,
    ]);
    const page = await new HttpBrowser().request(url);
    expect([page.status, page.body.includes('role="alert"')]).toEqual([200, true]);
  });

  it("the address after a sign-out, and where a sign-out that failed is explained", async () => {
    const browser = await signedIn(app);
    const post = (form: Record<string, string>) =>
      browser.fetch(`${app.url}/api/auth/signout`, { method: "POST", form, headers: asClient });
    const refused = await post({ csrfToken: "x" });
    expect([refused.status, new URL(JSON.parse(refused.body).url).searchParams.get("code")]).toEqual([
      403,
      "csrf_rejected",
    ]);
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    const left = await post({ csrfToken, callbackUrl: "https://evil.test/" });
    expect([left.status, JSON.parse(left.body)]).toEqual([200, { url: `${app.url}/signed-out` }]);
    expect([browser.cookie(app.url, sessionCookie(app.url)), await whoIs(app, browser)]).toEqual([undefined, null]);
  });

  it("pages of ours in place of those that it opens by itself; a script gets nothing there", async () => {
    const browser = new HttpBrowser();
    const query = new URLSearchParams({ error: "SessionRequired", callbackUrl: `${app.url}/club/anybody` });
    const asked = await browser.request(`${app.url}/api/auth/signin?${query}`);
    expect([asked.status, asked.location]).toEqual([303, `${app.url}/sign-in?returnTo=%2Fclub%2Fanybody`]);
    const foreign = await browser.request(`${app.url}/api/auth/signin?callbackUrl=https://evil.test/`);
    expect(foreign.location).toBe(`${app.url}/sign-in?returnTo=%2Faccount`);
    expect((await browser.request(`${app.url}/api/auth/error`)).location).toContain("/auth-error?code=");
    for (const path of ["signin", "error"]) {
      expect((await browser.fetch(`${app.url}/api/auth/${path}`)).status).toBe(404);
    }
    expect((await browser.request(`${app.url}/api/auth/signin/company`)).status).toBe(405);
  });
});

describe("auth()", () => {
  it("is null for strangers, and for who is signed in what the client's session is as well", async () => {
    const stranger = new HttpBrowser();
    expect((await stranger.fetch(`${app.url}/anywhere/api`)).status).toBe(401);
    expect(JSON.parse((await stranger.fetch(`${app.url}/api/auth/session`)).body)).toBeNull();
    const browser = await signedIn(app, { user: "haneul" });
    const { user, same } = JSON.parse((await browser.fetch(`${app.url}/anywhere/api`)).body);
    const session = JSON.parse((await browser.fetch(`${app.url}/api/auth/session`)).body);
    expect([same, session]).toEqual([
      true,
      {
        user,
        expires: expect.stringMatching(/^\d{4}-.*Z$/),
        provider: "company",
        roles: ["admin"],
        organization: session.organization,
      },
    ]);
    expect((await browser.request(`${app.url}/anywhere`)).body).toContain("김하늘 by company");
  });

  it("is null at once where the row has ended, whatever the cookie says", async () => {
    const browser = await signedIn(app, { user: "eunji" });
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'eunji'`);
    expect((await browser.fetch(`${app.url}/anywhere/api`)).status).toBe(401);
  });

  it("has no unstable_update(): that is refused in words", async () => {
    const answered = await new HttpBrowser().fetch(`${app.url}/anywhere/api`, { method: "POST" });
    expect([answered.status, JSON.parse(answered.body).said]).toEqual([501, expect.stringContaining("migrating.md")]);
  });
});

describe("requireSession({ userInfo: true })", () => {
  it("gives a page what the provider says now, and its trouble as the page for that", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    const page = await browser.request(`${app.url}/anywhere/told`);
    expect(page.body.replaceAll(/<!--.*?-->/g, "")).toMatch(/Told minsu@[\w.]+, known minsu/);
    await app.control.addFault("company", { endpoint: "userinfo", fault: { kind: "respond", status: 503 } });
    const away = await browser.request(`${app.url}/anywhere/told`);
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "5"]);
    const stranger = await new HttpBrowser().request(`${app.url}/anywhere/told`);
    expect(target(stranger.location).pathname).toBe("/sign-in");
  });
});
