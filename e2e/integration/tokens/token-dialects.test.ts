import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HttpBrowser } from "../../support/http-browser";
import { openTestApp, signedIn, startSignIn, type TestApp } from "../../support/test-app";

const shop = "https://shopping.example/api";
const store = "https://store.example/api";

/** Has a token refreshed through the app's own route. Answers what it tells, and what the provider was asked. */
async function refresh(app: TestApp, browser: HttpBrowser, asked: Record<string, string>) {
  const since = (await app.control.journal("company")).at(-1)?.seq ?? 0;
  const answered = await browser.fetch(`${app.url}/api/tokens/refresh`, {
    method: "POST",
    headers: { "X-CSRF": "1", Origin: app.url, "Content-Type": "application/json" },
    body: JSON.stringify(asked),
  });
  const requests = await app.control.journal("company", { endpoint: "token", since });
  return { status: answered.status, body: JSON.parse(answered.body), forms: requests.map(({ form }) => form) };
}

const userInfo = async (app: TestApp, browser: HttpBrowser) =>
  (await browser.fetch(`${app.url}/api/me?source=userinfo`)).status;

describe.each([
  {
    type: "oidc",
    dialect: "resource",
    authorizes: { resource: [shop, store] },
    asks: (api: string) => ({ resource: api }),
    scope: (scope: string) => scope,
  },
  {
    type: "logto",
    dialect: "resource",
    authorizes: { resource: [shop, store, "urn:logto:resource:organizations"] },
    asks: (api: string) => ({ resource: api }),
    scope: (scope: string) => scope,
  },
  {
    type: "auth0",
    dialect: "audience",
    authorizes: { audience: [shop] },
    asks: (api: string) => ({ audience: api }),
    scope: (scope: string) => scope,
  },
  {
    type: "entra",
    dialect: "scope",
    authorizes: {},
    asks: (api: string) => ({ scope: expect.stringContaining(`${api}/`) }),
    scope: (scope: string, api: string) => `${api}/${scope}`,
  },
] as const)("with the preset $type", ({ type, dialect, authorizes, asks, scope }) => {
  let app: TestApp;
  beforeAll(async () => {
    // Entra grants offline_access whenever it is asked for; the development provider, where consent is asked for as well.
    const prompt = dialect === "scope" ? { AUTH_COMPANY_PROMPT: "consent" } : {};
    app = await openTestApp({ env: { AUTH_COMPANY_TYPE: type, ...prompt } });
    await app.control.setDialect("company", dialect);
  });
  afterEach(() => app.control.clearFaults("company"));
  afterAll(() => app.close());

  it("the sign-in asks for every API in the provider's way", async () => {
    const { searchParams } = new URL((await startSignIn(app, new HttpBrowser())).location ?? "");
    for (const name of ["resource", "audience"])
      expect(searchParams.getAll(name)).toEqual((authorizes as Record<string, readonly string[]>)[name] ?? []);
    expect(searchParams.get("scope")?.split(" ")).toContain(scope("store:read", store));
  });

  it("each API has a token of its own, and userinfo another", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    expect(await userInfo(app, browser)).toBe(200);
    for (const [api, name] of [
      [shop, "shopping"],
      [store, "store"],
      [shop, "shopping"],
    ] as const) {
      const { status, body, forms } = await refresh(app, browser, { resource: api });
      expect([status, body.resource], JSON.stringify(body)).toEqual([200, api]);
      expect(body.scope.split(" ")).toEqual(
        expect.arrayContaining([scope(`${name}:read`, api), scope(`${name}:write`, api)]),
      );
      expect(forms).toEqual([expect.objectContaining({ grant_type: "refresh_token", ...asks(api) })]);
    }
    expect((await refresh(app, browser, {})).status).toBe(200);
    expect(await userInfo(app, browser)).toBe(200);
    expect((await app.control.counters("company")).reuseAlarms).toBe(0);
  });

  it("a token for somebody else's API is refused and not used, and the next refresh works", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const wrong = { kind: "access_token", setClaims: { aud: "https://else.example" } } as const;
    await app.control.addFault("company", { endpoint: "token", grantType: "refresh_token", fault: wrong });
    const refused = await refresh(app, browser, { resource: shop });
    expect([refused.status, refused.body.error]).toEqual([400, "invalid_response"]);
    expect((await refresh(app, browser, { resource: shop })).status).toBe(200);
    expect((await app.control.counters("company")).reuseAlarms).toBe(0);
  });

  it("a token of an organization is to be had where the provider gives such tokens", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const { status, body } = await refresh(app, browser, { organization: "org_hanok" });
    if (dialect === "resource") {
      expect([status, body.organization]).toEqual([200, "org_hanok"]);
      const both = await refresh(app, browser, { resource: store, organization: "org_maru" });
      expect(both.forms).toEqual([expect.objectContaining({ resource: store, organization_id: "org_maru" })]);
      expect(both.status).toBe(200);
    } else expect([status, body.error]).toEqual([400, "unknown_organization"]);
  });
});
