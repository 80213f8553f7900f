import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { lastAudit } from "../../support/expectations";
import type { HttpBrowser, Page } from "../../support/http-browser";
import { octocat, startHub } from "../../support/oauth2-hub";
import { type OtherProviders, openOtherProviders } from "../../support/other-providers";
import { clientId, clientSecret, signIn, startSignIn, type TestApp } from "../../support/test-app";

let others: OtherProviders;
let app: TestApp;
let hub: Awaited<ReturnType<typeof startHub>>;
beforeAll(async () => {
  hub = await startHub({ clientId, clientSecret });
  others = await openOtherProviders(
    {
      TEST_HUB: hub.origin,
      AUTH_HUB_TYPE: "github",
      AUTH_HUB_ID: clientId,
      AUTH_HUB_SECRET: clientSecret,
      AUTH_HUB_ISSUER: `${hub.origin}/login/oauth`,
    },
    ["hub"],
  );
  ({ app } = others);
  hub.redirectUri = `${app.url}/api/auth/callback/hub`;
}, 120_000);
beforeEach(async () => {
  hub.reset();
  await app.rows(`TRUNCATE "User" CASCADE`);
});
afterAll(async () => {
  await app?.close();
  await hub?.close();
});

async function signedIn(): Promise<HttpBrowser> {
  const browser = others.openBrowser();
  const page = await signIn(app, browser, { provider: "hub" });
  expect([page.status, page.location], page.body.slice(0, 300)).toEqual([303, `${app.url}/account`]);
  return browser;
}

const code = (page: Page) => new URL(page.location ?? "").searchParams.get("code");
const json = (page: Page) => JSON.parse(page.body);
const users = () => app.rows(`SELECT name, email, "emailVerified" IS NOT NULL AS verified, image FROM "User"`);
const spoiled = (path: string, body: unknown, status = 200) => {
  hub.spoil = {
    [path]: () => ({ status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  };
};
const expireTokens = () => app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '1 second'`);

describe("FF-39: a provider by OAuth 2.0 alone", () => {
  it("FF-39: signs a user in by userinfo, with the address that it has verified, and nothing that it refuses", async () => {
    const browser = await signedIn();
    expect(await users()).toEqual([
      { name: "The Octocat", email: "octocat@company.example", verified: true, image: octocat.avatar_url },
    ]);
    expect(await app.rows(`SELECT "providerAccountId", type FROM "Account"`)).toEqual([
      { providerAccountId: "583231", type: "oauth" },
    ]);
    const rows = await app.rows(`SELECT subject, issuer, "claimsSource", roles FROM "Session"`);
    const session = { subject: "583231", issuer: `${hub.origin}/login/oauth`, claimsSource: "userinfo", roles: [] };
    expect(rows).toEqual([session]);
    expect(hub.requests.map(({ path, refused }) => [path, refused])).toEqual([
      ["/login/oauth/authorize", null],
      ["/login/oauth/access_token", null],
      ["/user", null],
      ["/user/emails", null],
    ]);
    expect(hub.requests[0]?.query.get("code_challenge_method")).toBe("S256");
    expect((await browser.request(`${app.url}/account`)).body).toContain("The Octocat");
    expect((await browser.request(`${app.url}/admin`)).status).toBe(403);
  });

  it("FF-39: what the sign-in's userinfo said is what /api/me answers, without asking again", async () => {
    const browser = await signedIn();
    hub.requests.length = 0;
    const me = json(await browser.fetch(`${app.url}/api/me`));
    expect(me).toMatchObject({ sub: "583231", provider: "hub" });
    expect(me.claims).toMatchObject({
      sub: "583231",
      login: "octocat",
      preferred_username: "octocat",
      picture: octocat.avatar_url,
      email: "Octocat@Company.example",
      email_verified: true,
    });
    expect(Object.keys(me.claims)).not.toEqual(expect.arrayContaining(["nonce"]));
    expect(hub.requests).toEqual([]);
    hub.user = { ...octocat, name: "Mona" };
    const now = json(await browser.fetch(`${app.url}/api/me?source=userinfo`));
    expect([now.claims.name, now.claims.sub]).toEqual(["Mona", "583231"]);
  });

  it("FF-39: a user who renames themselves stays who they are, and whoever takes the name is somebody else", async () => {
    await signedIn();
    hub.user = { ...octocat, login: "mona" };
    await signedIn();
    expect(await app.rows(`SELECT 1 FROM "User"`)).toHaveLength(1);
    hub.user = { ...octocat, id: 7 };
    hub.emails = [];
    await signedIn();
    expect(await app.rows(`SELECT "providerAccountId" FROM "Account" ORDER BY 1`)).toEqual([
      { providerAccountId: "583231" },
      { providerAccountId: "7" },
    ]);
  });

  it.each<[string, () => void]>([
    ["none is verified", () => spoiled("/user/emails", [{ email: "a@b.example", primary: true, verified: "true" }])],
    ["the list is not to be had", () => spoiled("/user/emails", { message: "Not Found" }, 404)],
    ["the list is none", () => spoiled("/user/emails", { email: "a@company.example", verified: true })],
    ["the list is away", () => spoiled("/user/emails", {}, 503)],
  ])("FF-39: where %s, the user is signed in without an address", async (_, arrange) => {
    arrange();
    await signedIn();
    expect(await users()).toMatchObject([{ email: null, verified: false }]);
  });

  it.each<[string, () => void, string]>([
    ["names nobody", () => spoiled("/user", { login: "octocat" }), "invalid_response"],
    ["has an id that was read with loss", () => spoiled("/user", { id: 2 ** 53 }), "invalid_response"],
    ["has an id that is an object", () => spoiled("/user", { id: {} }), "invalid_response"],
    ["is away", () => spoiled("/user", {}, 503), "provider_unavailable"],
    ["does not take its own token", () => spoiled("/user", {}, 401), "provider_error"],
  ])("FF-39: nobody is signed in by userinfo that %s", async (_, arrange, expected) => {
    arrange();
    const page = await signIn(app, others.openBrowser(), { provider: "hub" });
    expect(code(page)).toBe(expected);
    expect(await app.rows(`SELECT 1 FROM "User"`)).toEqual([]);
  });

  it.each([
    ["bad_verification_code", "provider_error"],
    ["incorrect_client_credentials", "provider_misconfigured"],
  ])("FF-39: an error with status 200 is one: %s", async (error, expected) => {
    spoiled("/login/oauth/access_token", { error, error_description: "No." });
    expect(code(await signIn(app, others.openBrowser(), { provider: "hub" }))).toBe(expected);
    expect(await lastAudit(app, "sign_in.failed")).toMatchObject({ reason: expected, detail: { cause: error } });
  });

  it.each(["https://github.example/login/oauth", "null"])(
    "FF-39: an answer that names itself %s is refused",
    async (iss) => {
      const browser = others.openBrowser();
      const started = await startSignIn(app, browser, { provider: "hub" });
      const back = new URL((await browser.request(started.location ?? "")).location ?? "");
      back.searchParams.set("iss", iss);
      expect(code(await browser.request(back.href))).toBe("issuer_mismatch");
    },
  );

  it("FF-39: an ID token that comes along is not looked at", async () => {
    hub.spoil = {
      "/login/oauth/access_token": (answer) => {
        const body = JSON.stringify({ ...JSON.parse(answer.body), id_token: "e30.eyJzdWIiOiIxIn0." });
        return { ...answer, body };
      },
    };
    await signedIn();
    expect(await app.rows(`SELECT subject FROM "Session"`)).toEqual([{ subject: "583231" }]);
  });

  it("FF-39: a token without an end is used until it is refused", async () => {
    await signedIn();
    expect(await app.rows(`SELECT "expiresAt" > now() + interval '1 year' AS endless FROM "AccessToken"`)).toEqual([
      { endless: true },
    ]);
  });

  it("FF-39: a token that ends is renewed, and a refused refresh ends the session", async () => {
    hub.expires = true;
    const browser = await signedIn();
    await expireTokens();
    expect((await browser.fetch(`${app.url}/api/me?source=userinfo`)).status).toBe(200);
    expect(hub.requests.filter(({ form }) => form.get("grant_type") === "refresh_token")).toHaveLength(1);
    await expireTokens();
    spoiled("/login/oauth/access_token", { error: "bad_refresh_token" });
    expect((await browser.fetch(`${app.url}/api/me?source=userinfo`)).status).toBe(401);
    expect(await app.rows(`SELECT "endReason" FROM "Session"`)).toEqual([{ endReason: "signed_out_by_provider" }]);
  });

  it("FF-39: a sign-out everywhere ends the sessions here, and asks for nothing that OAuth 2.0 cannot prove", async () => {
    const browser = await signedIn();
    await app.rows(`UPDATE "Session" SET "authTime" = now() - interval '1 day'`);
    const page = await browser.request(`${app.url}/sign-out`);
    expect(page.body).toContain("Not offered by GitHub");
    expect((await browser.submit(page, 'data-scope="everywhere"')).status).toBe(303);
    expect(await app.rows(`SELECT 1 FROM "Session" WHERE "endedAt" IS NULL`)).toEqual([]);
  });
});
