import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectLogged } from "../../support/expectations";
import type { HttpBrowser, Page } from "../../support/http-browser";
import { type OtherProviders, openOtherProviders } from "../../support/other-providers";
import { clientId, signIn, type TestApp } from "../../support/test-app";

let others: OtherProviders;
let app: TestApp;
beforeAll(async () => {
  others = await openOtherProviders();
  ({ app } = others);
}, 120_000);
afterEach(async () => {
  for (const issuer of ["company", "partner"]) {
    await app.control.clearFaults(issuer);
    await app.control.resetUsers(issuer);
  }
  await app.rows(`TRUNCATE "User" CASCADE`);
});
afterAll(() => app?.close());

interface Told {
  idToken?: { setClaims?: Record<string, unknown>; removeClaims?: string[] };
  userInfo?: { setClaims?: Record<string, unknown>; removeClaims?: string[] };
}

/** Signs in at a provider that says something else in the ID token, and in userinfo. */
async function signedInAs(provider: string, user: string, { idToken, userInfo }: Told = {}): Promise<HttpBrowser> {
  const issuer = provider === "nested" || provider === "untold" ? "partner" : "company";
  if (idToken)
    await app.control.addFault(issuer, { endpoint: "token", times: null, fault: { kind: "id_token", ...idToken } });
  if (userInfo)
    await app.control.addFault(issuer, { endpoint: "userinfo", times: null, fault: { kind: "userinfo", ...userInfo } });
  const browser = others.openBrowser();
  const page = await signIn(app, browser, { provider, user });
  expect([page.status, page.location], page.body.slice(0, 300)).toEqual([303, `${app.url}/account`]);
  return browser;
}

const json = (page: Page) => JSON.parse(page.body);
const session = async () =>
  (await app.rows<{ roles: string[]; claims: Record<string, unknown> }>(`SELECT * FROM "Session"`))[0];
const user = async () => (await app.rows(`SELECT name, email, "emailVerified" IS NOT NULL AS verified FROM "User"`))[0];

describe("FF-34: roles and organizations where configuration says", () => {
  it("FF-34: roles of several places in the ID token are the session's, and open what they open", async () => {
    const setClaims = {
      "https://app.example/roles": "support",
      realm_access: { roles: ["offline_access", "admin"] },
      resource_access: { [clientId]: { roles: ["billing"] }, other: { roles: ["owner"] } },
      organization: { acme: { id: "1" }, hanok: {} },
    };
    const browser = await signedInAs("shaped", "minsu", { idToken: { setClaims } });
    expect((await session())?.roles).toEqual(["support", "offline_access", "admin", "billing"]);
    const { claims } = json(await browser.fetch(`${app.url}/api/me`));
    expect([claims.roles, claims.organizations]).toEqual([
      ["support", "offline_access", "admin", "billing"],
      ["acme", "hanok"],
    ]);
    expect((await browser.request(`${app.url}/account`)).body).toContain("billing");
  });

  it("FF-34: a claim of the usual name is no role where configuration names others", async () => {
    const setClaims = { roles: ["admin"], organizations: ["org_hanok"] };
    await signedInAs("shaped", "minsu", { idToken: { setClaims }, userInfo: { setClaims } });
    expect([(await session())?.roles, (await session())?.claims.organizations]).toEqual([[], undefined]);
  });

  it("FF-34: roles that only userinfo says count, and are read from there again after a refresh", async () => {
    const setClaims = { realm_access: { roles: ["support"] } };
    const browser = await signedInAs("shaped", "minsu", { userInfo: { setClaims } });
    expect((await session())?.roles).toEqual(["support"]);
    await app.control.clearFaults("company");
    const fewer = { kind: "userinfo", setClaims: { realm_access: { roles: [] } } } as const;
    await app.control.addFault("company", { endpoint: "userinfo", times: null, fault: fewer });
    await app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '1 second'`);
    expect((await browser.fetch(`${app.url}/api/me?source=userinfo`)).status).toBe(200);
    await expect.poll(async () => (await session())?.roles).toEqual([]);
  });

  it("FF-34: organizations that only userinfo says count, outlive an ID token that is silent, and go with userinfo's", async () => {
    const told = (organization: string[]) => ({ setClaims: { organization } });
    const browser = await signedInAs("shaped", "minsu", { userInfo: told(["acme", "hanok"]) });
    const refreshedTo = async (organization: string[]) => {
      await app.control.clearFaults("company");
      const fault = { kind: "userinfo", ...told(organization) } as const;
      await app.control.addFault("company", { endpoint: "userinfo", times: null, fault });
      await app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '1 second'`);
      expect((await browser.fetch(`${app.url}/api/me?source=userinfo`)).status).toBe(200);
      return (await session())?.claims.organizations;
    };
    expect((await session())?.claims.organizations).toEqual(["acme", "hanok"]);
    expect(await refreshedTo(["acme", "hanok"])).toEqual(["acme", "hanok"]);
    await expect.poll(() => refreshedTo(["acme"])).toEqual(["acme"]);
  });

  it("FF-34: a refreshed ID token that leaves the configured claims out has taken them away", async () => {
    const setClaims = { realm_access: { roles: ["support"] }, organization: ["acme"] };
    const browser = await signedInAs("shaped", "minsu", { idToken: { setClaims } });
    await app.control.clearFaults("company");
    await app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '1 second'`);
    expect((await browser.fetch(`${app.url}/api/me?source=userinfo`)).status).toBe(200);
    const row = await session();
    expect([row?.roles, row?.claims.realm_access, row?.claims.organization, row?.claims.organizations]).toEqual([
      [],
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("FF-34: what is of no form that is understood is told once, without what it was", async () => {
    const idToken = { setClaims: { realm_access: { roles: 7 }, "https://app.example/roles": ["support"] } };
    await signedInAs("shaped", "minsu", { idToken });
    expect((await session())?.roles).toEqual(["support"]);
    await expect.poll(others.output).toContain('"what":"realm_access.roles","kept":0,"of":1');
  });
});

describe("userinfo that is not the standard's", () => {
  it("is read from the member that configuration names, and the ID token's sub stands", async () => {
    const response = { id: "naver-id", nickname: "하늘이", roles: ["support"] };
    await app.control.addFault("partner", {
      endpoint: "userinfo",
      times: null,
      fault: { kind: "respond", status: 200, json: { resultcode: "00", message: "success", response } },
    });
    const removeClaims = ["name", "username", "preferred_username", "given_name", "family_name", "roles"];
    const browser = await signedInAs("nested", "p-minsu", { idToken: { removeClaims } });
    expect(json(await browser.fetch(`${app.url}/api/me?source=userinfo`)).claims).toEqual({
      ...response,
      sub: "p-minsu",
    });
    expect([(await user())?.name, (await session())?.roles]).toEqual(["하늘이", ["support"]]);
  });

  it("that has no such member refuses the sign-in, and nothing is written", async () => {
    const browser = others.openBrowser();
    const page = await signIn(app, browser, { provider: "nested", user: "p-minsu" });
    expect(new URL(page.location ?? "").searchParams.get("code")).toBe("invalid_response");
    expect(await app.rows(`SELECT 1 FROM "User"`)).toEqual([]);
  });
});

describe("FF-46: whose addresses count", () => {
  it("FF-46: of a provider that configuration does not trust they do not, and the user comes in without one", async () => {
    await signIn(app, others.openBrowser(), { provider: "company", user: "haneul" });
    await signedInAs("untold", "p-haneul");
    expect(
      await app.rows(`SELECT email FROM "User" WHERE id IN (SELECT "userId" FROM "Account" WHERE provider = 'untold')`),
    ).toEqual([{ email: null }]);
    await expectLogged(others, "provider.addresses_not_trusted", "untold: { trustEmail: true }");
  });

  it.each<[string, NonNullable<Told["idToken"]>, boolean]>([
    ["says nothing", { setClaims: { email: "haneul@company.example" }, removeClaims: ["email_verified"] }, true],
    ["says no", { setClaims: { email: "haneul@company.example", email_verified: false } }, false],
    ["names another domain", { setClaims: { email: "h@else.example" }, removeClaims: ["email_verified"] }, false],
  ])("FF-46: a domain that is taken for granted, where the provider %s", async (_, told, verified) => {
    await signedInAs("assumed", "haneul", { idToken: told });
    expect((await user())?.verified).toBe(verified);
  });
});

describe("FF-48: what a user is called", () => {
  it("FF-48: by family and given name in Korean order, where there is no name that shows anything", async () => {
    const setClaims = { name: "\u200b\u3164", given_name: "하늘", family_name: "김" };
    await signedInAs("shaped", "haneul", { idToken: { setClaims }, userInfo: { setClaims } });
    expect((await user())?.name).toBe("김하늘");
  });
});
