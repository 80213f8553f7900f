import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectLogged } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { own } from "../../support/proxied";
import { meetProvider, openTestApp, signedIn, signIn, startSignIn, type TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  // The presets' own scopes and prompts, at a provider that gives no more than it is asked for.
  const env = { AUTH_COMPANY_SCOPE: undefined, AUTH_PARTNER_SCOPE: undefined, AUTH_PARTNER_TYPE: "logto" };
  app = await openTestApp({ env });
  for (const provider of ["company", "partner"]) {
    for (const client of await app.control.clients(provider)) {
      await app.control.putClient(provider, { ...client, alwaysIssueRefreshToken: false });
    }
  }
});
afterAll(() => app.close());
beforeEach(async () => {
  for (const provider of ["company", "partner"]) await app.control.reset(provider);
});

const count = (pattern: RegExp) => app.instance.output().match(pattern)?.length ?? 0;
const orders = (browser: HttpBrowser) => browser.fetch(`${app.url}/api/services/shopping/orders`, { headers: own });
const askedFor = async (browser: HttpBrowser, options: Parameters<typeof startSignIn>[2]) =>
  new URL((await startSignIn(app, browser, options)).location ?? "").searchParams;

describe("a refresh token", () => {
  it("FF-31: a refresh token that a provider does not give is one warning that names the variable, and calls of APIs say so", async () => {
    const browser = await signedIn(app);
    await signedIn(app);
    const warnings = /"level":"warn"[^\n]*"event":"provider.no_refresh_token"[^\n]*"missed_at":"sign_in"/g;
    await expect.poll(() => count(warnings)).toBe(1);
    await expectLogged(app.instance, /"provider":"company"[^\n]*Set AUTH_COMPANY_PROMPT=consent/);
    for (const _call of [1, 2]) {
      const answered = await orders(browser);
      expect([answered.status, JSON.parse(answered.body).error]).toEqual([503, "refresh_token_missing"]);
    }
    const missed = /"event":"provider.no_refresh_token"[^\n]*"missed_at":"access_token"/g;
    await expect.poll(() => count(missed)).toBe(1);
  });

  it("FF-31: a refresh token is asked for with prompt=consent by the preset logto, and given, and calls of APIs work", async () => {
    const browser = new HttpBrowser();
    expect((await signIn(app, browser, { provider: "partner", user: "seoyeon" })).status).toBe(303);
    const [request] = await app.control.journal("partner", { endpoint: "authorization" });
    expect(request?.query).toMatchObject({ prompt: "consent", scope: expect.stringContaining("offline_access") });
    expect((await orders(browser)).status).toBe(200);
  });

  it("FF-31: a refresh token is asked for at every sign-in: beside the account chooser, and when an account is created", async () => {
    const other = await askedFor(new HttpBrowser(), { provider: "partner", extra: { prompt: "select_account" } });
    expect(other.get("prompt")).toBe("select_account consent");
    const created = await askedFor(new HttpBrowser(), { provider: "partner", extra: { mode: "sign-up" } });
    expect([created.get("first_screen"), created.get("prompt")]).toEqual(["register", "consent"]);
    const plain = await askedFor(new HttpBrowser(), { extra: { prompt: "select_account" } });
    expect(plain.get("prompt")).toBe("select_account");
  });
});

describe("the scope offline_access", () => {
  it.each([
    ["is asked for where metadata names it", { set: {} }, true],
    ["is asked for where metadata does not say", { remove: ["scopes_supported"] }, true],
    ["is not asked for where metadata names others alone", { set: { scopes_supported: ["openid", "email"] } }, false],
  ])("FF-31: the scope offline_access %s", async (_title, change, isAsked) => {
    await app.control.addFault("company", { endpoint: "discovery", times: null, fault: { kind: "json", ...change } });
    const asked = await askedFor(new HttpBrowser(), {});
    expect([asked.get("scope")?.includes("offline_access"), asked.get("prompt")]).toEqual([isAsked, null]);
  });
});

it("FF-31: a provider that refuses a scope is an error in the log that names the variable", async () => {
  await app.control.addFault("company", {
    endpoint: "authorization",
    fault: { kind: "callback", set: { error: "invalid_scope" }, remove: ["code"] },
  });
  const browser = new HttpBrowser();
  const back = await meetProvider(app, browser, await startSignIn(app, browser), "minsu");
  const answered = await browser.request(back.location ?? "");
  expect(answered.location).toContain("provider_error");
  await expectLogged(
    app.instance,
    /"level":"error"[^\n]*"event":"provider.scope_refused"[^\n]*"provider":"company"[^\n]*AUTH_COMPANY_SCOPE/,
  );
});
