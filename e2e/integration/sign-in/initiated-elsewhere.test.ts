import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openExtendedApp } from "../../support/extension/extended-app";
import { HttpBrowser } from "../../support/http-browser";
import type { TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openExtendedApp();
}, 600_000);
afterEach(() => app.control.clearFaults("company"));
afterAll(() => app?.close());

const target = (location: string | null) => new URL(location ?? "", app.url);

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
