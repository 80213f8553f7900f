import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sessionCookie } from "../../support/cookies";
import { count, lastAudit } from "../../support/expectations";
import { openExtendedApp } from "../../support/extension/extended-app";
import { HttpBrowser } from "../../support/http-browser";
import { submitAction } from "../../support/server-action";
import { meetProvider, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let elsewhere: TestApp;
beforeAll(async () => {
  app = await openExtendedApp();
  elsewhere = await openExtendedApp({ TEST_SIGNED_OUT_PATH: "/anywhere" });
}, 600_000);
afterEach(() => app.control.clearFaults("company"));
afterAll(async () => {
  await app?.close();
  await elsewhere?.close();
});

const target = (location: string | null) => new URL(location ?? "", app.url);
const start = (browser: HttpBrowser, form: Record<string, string>, headers: Record<string, string> = {}) =>
  browser.fetch(`${app.url}/api/auth/signin/company`, { method: "POST", form, headers });

describe("a form that begins a sign-in without a token", () => {
  it.each([
    ["an Origin of ours", {}],
    ["Sec-Fetch-Site, where there is no Origin", { Origin: "", "Sec-Fetch-Site": "same-origin" }],
  ])("begins it on a browser that holds nothing of ours, by %s", async (_, headers) => {
    const browser = new HttpBrowser();
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ""));
    const started = await start(browser, { returnTo: "/club/anybody" }, sent);
    expect([started.status, target(started.location).origin]).toEqual([302, app.issuers.company]);
    const back = await meetProvider(app, browser, started, "minsu");
    expect((await browser.request(back.location ?? "")).location).toBe(`${app.url}/club/anybody`);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
  });

  it.each([
    ["another site", { Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" }],
    ["a sibling of ours", { Origin: "http://app.localhost", "Sec-Fetch-Site": "same-site" }],
    ["a page without an origin", { Origin: "null", "Sec-Fetch-Site": "same-origin" }],
    ["who says nothing of where it comes from", { Origin: "", "Sec-Fetch-Site": "" }],
    ["no page at all", { Origin: "", "Sec-Fetch-Site": "none" }],
  ])("begins nothing for %s, and leaves a row", async (_, headers) => {
    const before = await count(app);
    const refused = await start(new HttpBrowser(), {}, headers);
    expect([refused.status, JSON.parse(refused.body).error]).toEqual([403, "csrf_rejected"]);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(await count(app)).toMatchObject({ users: before.users, sessions: before.sessions });
    expect(await lastAudit(app, "csrf.rejected")).toMatchObject({ outcome: "failure", provider: "company" });
  });

  it("does not stand for a sign-out: that wants the token of its session", async () => {
    const browser = await signedIn(app);
    const refused = await browser.fetch(`${app.url}/api/auth/signout`, { method: "POST", form: {} });
    expect(refused.status).toBe(403);
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    const foreign = { Origin: "https://evil.test" };
    const forged = { method: "POST", form: { csrfToken }, headers: foreign };
    expect((await browser.fetch(`${app.url}/api/auth/signout`, forged)).status).toBe(403);
    expect(await whoIs(app, browser)).not.toBeNull();
    const left = await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form: { csrfToken } });
    expect([left.status, await whoIs(app, browser)]).toEqual([303, null]);
  });
});

describe("a sign-in that another site initiates", () => {
  const initiate = (query: string | Record<string, string>, method = "GET") => {
    const parameters = new URLSearchParams(query);
    const headers = { Origin: "https://portal.example", "Sec-Fetch-Site": "cross-site" };
    const browser = new HttpBrowser();
    return method === "GET"
      ? browser.request(`${app.url}/api/auth/initiate?${parameters}`)
      : browser.request(`${app.url}/api/auth/initiate`, { method, form: parameters, headers });
  };

  it.each(["GET", "POST"])("leads to our own page by %s, and to no provider", async (method) => {
    const iss = app.issuers.partner ?? "";
    const asked = await initiate(
      { iss, target_link_uri: `${app.url}/club/anybody?a=b%20c`, login_hint: "seoyeon@company.example" },
      method,
    );
    const { pathname, searchParams } = target(asked.location);
    expect([asked.status, pathname, Object.fromEntries(searchParams)]).toEqual([
      303,
      "/sign-in",
      { returnTo: "/club/anybody?a=b%20c", provider: "partner", login_hint: "seoyeon@company.example" },
    ]);
    expect(asked.headers.getSetCookie()).toEqual([]);
    const browser = new HttpBrowser();
    const page = await browser.request(asked.location ?? "");
    // Of that provider's form alone.
    expect(page.body.match(/name="login_hint"/g)).toHaveLength(1);
    const away = target((await browser.submit(page, 'data-provider="partner"')).location);
    expect([away.origin, away.searchParams.get("login_hint")]).toEqual([
      app.issuers.partner,
      "seoyeon@company.example",
    ]);
  });

  it.each([
    ["another site", "https://evil.test/club"],
    ["what begins like ours", "ORIGIN.evil.test/club"],
    ["a user in front of another host", "ORIGIN@evil.test/"],
    ["another site without a scheme", "//evil.test"],
    ["a script", "javascript:alert(1)"],
    ["an endpoint of ours", "ORIGIN/api/auth/signout"],
    ["the page itself", "ORIGIN/sign-in?provider=company"],
    ["what climbs", "ORIGIN/a/../..//evil.test"],
    ["what is too long", `ORIGIN/club?${"x".repeat(4000)}`],
    ["nothing", ""],
  ])("leads to the account in the end where the target is %s", async (_, uri) => {
    const asked = await initiate({ iss: app.issuers.company ?? "", target_link_uri: uri.replace("ORIGIN", app.url) });
    expect([asked.status, Object.fromEntries(target(asked.location).searchParams)]).toEqual([
      303,
      { returnTo: "/account", provider: "company" },
    ]);
  });

  it.each([
    ["too long", "x".repeat(321)],
    ["a line too many", "a\nb"],
    ["empty", ""],
  ])("leaves a hint out that is %s", async (_, hint) => {
    const asked = await initiate({ iss: app.issuers.company ?? "", login_hint: hint });
    expect([...target(asked.location).searchParams.keys()]).toEqual(["returnTo", "provider"]);
    const page = await new HttpBrowser().request(
      `${app.url}/sign-in?${new URLSearchParams({ provider: "company", login_hint: hint })}`,
    );
    expect([page.status, page.body.includes('name="login_hint"')]).toEqual([200, false]);
  });

  it.each([
    ["no issuer", "", "invalid_request"],
    ["an issuer that signs nobody in here", "iss=https://evil.test", "unknown_provider"],
    ["one that is nearly ours", "iss=ISSUER/", "unknown_provider"],
    ["one of 10 KB", `iss=ISSUER${"x".repeat(10_000)}`, "unknown_provider"],
    ["a provider's id in place of it", "iss=company", "unknown_provider"],
    ["two", "iss=ISSUER&iss=https://evil.test", "invalid_request"],
    ["two targets", "iss=ISSUER&target_link_uri=/a&target_link_uri=/b", "invalid_request"],
  ])("refuses %s in words", async (_, query, code) => {
    for (const method of ["GET", "POST"]) {
      const asked = await initiate(query.replace("ISSUER", app.issuers.company ?? ""), method);
      const { origin, pathname, searchParams } = target(asked.location);
      expect([asked.status, origin, pathname, searchParams.get("code")]).toEqual([303, app.url, "/auth-error", code]);
    }
  });

  it("takes neither another method nor what is no form", async () => {
    const browser = new HttpBrowser();
    expect((await browser.request(`${app.url}/api/auth/initiate`, { method: "PUT" })).status).toBe(405);
    const json = { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } };
    expect((await browser.fetch(`${app.url}/api/auth/initiate`, json)).status).toBe(400);
    const large = { method: "POST", form: { iss: "x".repeat(20_000) } };
    expect((await browser.fetch(`${app.url}/api/auth/initiate`, large)).status).toBe(413);
    expect((await browser.fetch(`${app.url}/api/auth/initiate/company`)).status).toBe(404);
  });
});

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

describe("a server action that signs in or out", () => {
  it("is refused to another origin, and begins and ends nothing", async () => {
    const browser = await signedIn(app);
    const page = await browser.request(`${app.url}/anywhere/server`);
    const forms = [...page.body.matchAll(/<form\b[^>]*data-form="(\w+)"[^>]*>([\s\S]*?)<\/form>/g)];
    for (const name of ["bound", "out"]) {
      const body = forms.find(([, form]) => form === name)?.[0] ?? "";
      const answered = await submitAction(
        {
          request: (url, options) =>
            browser.request(url, { ...options, headers: { ...options?.headers, Origin: "https://evil.test" } }),
        } as HttpBrowser,
        { ...page, body },
        {},
      );
      expect(answered.location ?? "", name).not.toContain(app.issuers.company);
      expect(answered.headers.getSetCookie().join()).not.toContain(sessionCookie(app.url));
    }
    expect(await whoIs(app, browser)).not.toBeNull();
  });

  it("leads to the page that says why where the provider is away", async () => {
    const browser = new HttpBrowser();
    const page = await browser.request(`${app.url}/anywhere/server`);
    const body = /<form\b[^>]*data-form="bound"[\s\S]*?<\/form>/.exec(page.body)?.[0] ?? "";
    await app.control.addFault("company", { endpoint: "discovery", fault: { kind: "respond", status: 503 } });
    const answered = await submitAction(browser, { ...page, body }, {});
    const { pathname, searchParams } = target(answered.location);
    expect([answered.status, pathname, searchParams.get("error"), searchParams.get("returnTo")]).toEqual([
      303,
      "/sign-in",
      "provider_unavailable",
      "/anywhere/server?by=form",
    ]);
  });
});

describe("where a sign-out leads to", () => {
  const leave = async (at: TestApp, form: Record<string, string>) => {
    const browser = await signedIn(at);
    const { csrfToken } = JSON.parse((await browser.fetch(`${at.url}/api/auth/csrf`)).body);
    const left = await browser.request(`${at.url}/api/auth/signout`, { method: "POST", form: { csrfToken, ...form } });
    return { browser, left };
  };

  it.each([
    ["/anywhere?left=1", "/anywhere?left=1"],
    ["/sign-in", "/sign-in"],
    ["//evil.test", "/signed-out"],
    ["https://evil.test/", "/signed-out"],
    ["/\\evil.test", "/signed-out"],
    ["/api/auth/initiate", "/signed-out"],
    ["/sign-out", "/signed-out"],
    [`/anywhere?${"x".repeat(3000)}`, "/signed-out"],
  ])("%s: to %s", async (returnTo, expected) => {
    expect((await leave(app, { returnTo })).left.location).toBe(app.url + expected);
  });

  it("configuration says, where the form does not", async () => {
    expect((await leave(elsewhere, {})).left.location).toBe(`${elsewhere.url}/anywhere`);
    expect((await leave(elsewhere, { returnTo: "/club/anybody" })).left.location).toBe(`${elsewhere.url}/club/anybody`);
  });

  it("by way of the provider, once it has sent the browser back; else the page says what was not ended", async () => {
    const { browser, left } = await leave(app, { scope: "provider", returnTo: "/anywhere?left=1" });
    const away = target(left.location);
    expect(away.searchParams.get("post_logout_redirect_uri")).toBe(`${app.url}/signed-out`);
    const told = await browser.request(`${app.url}/signed-out`);
    expect([told.status, told.location]).toEqual([200, null]);
    const back = await browser.request(`${app.url}/signed-out?state=${away.searchParams.get("state")}`);
    expect(back.location).toBe(`${app.url}/anywhere?left=1`);
    const alone = await leaveWhileAway();
    expect(alone.left.location).toBe(`${app.url}/signed-out`);
  });

  async function leaveWhileAway() {
    const browser = await signedIn(app);
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    await app.control.addFault("company", { endpoint: "discovery", fault: { kind: "respond", status: 503 } });
    const form = { csrfToken, scope: "provider", returnTo: "/anywhere?left=1" };
    return { left: await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form }) };
  }
});

it("the sign-in page has one button and no list where there is one provider", async () => {
  const one = await openExtendedApp({ AUTH_PROVIDERS: "company" });
  try {
    const browser = new HttpBrowser();
    const page = await browser.request(`${one.url}/sign-in`);
    const main = /<main\b[\s\S]*<\/main>/.exec(page.body)?.[0] ?? "";
    expect(main.match(/data-provider=/g)).toHaveLength(1);
    expect(main).not.toMatch(/<li>\s*<form/);
    const started = await startSignIn(one, browser);
    expect(new URL(started.location ?? "").origin).toBe(one.issuers.company);
    // And anywhere else, a button that names no provider is that provider's.
    const anywhere = await new HttpBrowser().request(`${one.url}/anywhere`);
    expect(anywhere.body.match(/data-provider="company"/g)?.length).toBeGreaterThan(1);
  } finally {
    await one.close();
  }
});
