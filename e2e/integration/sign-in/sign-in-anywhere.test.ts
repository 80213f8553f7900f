import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sessionCookie } from "../../support/cookies";
import { count, lastAudit } from "../../support/expectations";
import { openExtendedApp } from "../../support/extension/extended-app";
import { HttpBrowser } from "../../support/http-browser";
import { submitAction } from "../../support/server-action";
import { meetProvider, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openExtendedApp();
}, 600_000);
afterEach(() => app.control.clearFaults("company"));
afterAll(() => app?.close());

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
