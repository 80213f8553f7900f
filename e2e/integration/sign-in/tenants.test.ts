import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { count, expectRefused, lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { type StrictProvider, startStrictProvider } from "../../support/strict-provider";
import { shareTestApp, startSignIn, type TestApp, whoIs } from "../../support/test-app";

/*
 * The shape of Microsoft Entra ID: metadata of `organizations` names a template as its issuer, and tokens the issuer of their
 * tenant. Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 */

let app: TestApp;
let provider: StrictProvider;
let instance: Awaited<ReturnType<TestApp["startSibling"]>>;
beforeAll(async () => {
  app = await shareTestApp();
  provider = await startStrictProvider({ issuerPath: "/organizations/v2.0" });
  instance = await app.startSibling({
    AUTH_PROVIDERS: "tenants",
    AUTH_TENANTS_ID: "app-1",
    AUTH_TENANTS_ISSUER: provider.issuer,
    AUTH_TENANTS_CLIENT_AUTH: "none",
    TEST_TENANTS: provider.origin,
  });
}, 300_000);
beforeEach(async () => {
  provider.metadata = { issuer: issuerOf("{tenantid}") };
  await app.rows(`TRUNCATE "User" CASCADE`);
});
afterAll(async () => {
  await provider?.stop();
  await app?.close();
});

const issuerOf = (tenant: string) => `${provider.origin}/${tenant}/v2.0`;

/** A whole sign-in up to the callback's answer, with these claims in the ID token. */
async function signIn(claims: StrictProvider["claims"], iss?: string) {
  const browser = new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null));
  provider.claims = claims;
  const answer = provider.authorize((await startSignIn(app, browser, { provider: "tenants" })).location ?? "");
  if (iss !== undefined) answer.set("iss", iss);
  const page = await browser.request(`${app.url}/api/auth/callback/tenants?${answer}`);
  return { browser, page };
}

const of = (tenant: string, sub: string) => ({ iss: issuerOf(tenant), tid: tenant, sub });

describe("an issuer of many tenants", () => {
  it("FF-37: signs in users of two of them, each under their own tenant's issuer, and they stay two users", async () => {
    const { browser: first, page } = await signIn(of("tenant-a", "user-a"), issuerOf("tenant-a"));
    expect([page.status, page.location]).toEqual([303, `${app.url}/account`]);
    const { browser: second } = await signIn(of("tenant-b", "user-b"));
    expect(await whoIs(app, first)).toMatchObject({ sub: "user-a", claims: { tid: "tenant-a" } });
    expect(await whoIs(app, second)).toMatchObject({ sub: "user-b", claims: { tid: "tenant-b" } });
    for (const table of ["Account", "Session", "Grant"]) {
      const rows = await app.rows<{ issuer: string }>(`SELECT issuer FROM "${table}" ORDER BY issuer`);
      expect([table, rows.map(({ issuer }) => issuer)]).toEqual([table, [issuerOf("tenant-a"), issuerOf("tenant-b")]]);
    }
    const { page: again } = await signIn(of("tenant-a", "user-a"));
    expect(again.status).toBe(303);
    expect(await app.rows(`SELECT 1 FROM "User"`)).toHaveLength(2);
  });

  it("FF-37: takes nobody for a user of the same subject at another tenant", async () => {
    await signIn(of("tenant-a", "user-a"));
    const before = await count(app);
    const { browser, page } = await signIn(of("tenant-b", "user-a"));
    await expectRefused(app, browser, page, { before, code: "account_not_linked" });
  });

  it("FF-37: lets nobody in of a tenant that is not allowed, though the token is the provider's own", async () => {
    const before = await count(app);
    const { browser, page } = await signIn(of("tenant-c", "user-c"));
    const target = new URL(page.location ?? "");
    expect(target.searchParams.get("code") ?? target.searchParams.get("error")).toBe("sign_in_not_allowed");
    expect(await whoIs(app, browser)).toBeNull();
    expect(await count(app)).toMatchObject({
      users: before.users,
      accounts: before.accounts,
      sessions: before.sessions,
    });
    expect(await lastAudit(app, "sign_in.not_allowed")).toMatchObject({ provider: "tenants" });
  });

  it.each<[what: string, claims: () => StrictProvider["claims"]]>([
    ["names one tenant and is issued by another", () => ({ ...of("tenant-a", "user-a"), iss: issuerOf("tenant-b") })],
    ["is issued by the template itself", () => ({ ...of("tenant-a", "user-a"), iss: issuerOf("{tenantid}") })],
    ["is issued by the shared name", () => ({ ...of("tenant-a", "user-a"), iss: provider.issuer })],
    ["names no tenant", () => ({ iss: issuerOf("tenant-a"), sub: "user-a" })],
    ["names a path for a tenant", () => of("x/../tenant-a", "user-a")],
  ])("FF-37: refuses an ID token that %s", async (_, claims) => {
    const before = await count(app);
    const { browser, page } = await signIn(claims());
    await expectRefused(app, browser, page, { before, code: "id_token_invalid" });
  });

  it("FF-37: refuses an answer that names another issuer than any of its tenants", async () => {
    const before = await count(app);
    const { browser, page } = await signIn(of("tenant-a", "user-a"), "https://elsewhere.example/tenant-a/v2.0");
    await expectRefused(app, browser, page, { before, code: "issuer_mismatch" });
  });

  it("FF-37: is not started at all where metadata names one tenant's issuer in place of the template", async () => {
    provider.metadata = { issuer: issuerOf("tenant-a") };
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null));
    const started = await startSignIn(app, browser, { provider: "tenants" });
    expect(started.location).toContain("error=provider_misconfigured");
  });
});
