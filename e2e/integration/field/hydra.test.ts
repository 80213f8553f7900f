import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { lastAudit } from "../../support/expectations";
import { makeClientKey } from "../../support/field/client-key";
import {
  type HydraApp,
  meetHydra,
  openHydraApp,
  otherHydraRequest,
  signedInAtHydra,
} from "../../support/field/hydra-app";
import { refreshNow } from "../../support/field/refresh-now";
import { HttpBrowser } from "../../support/http-browser";
import { whoIs } from "../../support/test-app";
import { expectWholeGrants, expireTokens, shopping } from "../../support/token-app";

const { hydra: program } = inject("field");

describe.skipIf(!program)("an Ory Hydra (needs go, gcc and its modules)", () => {
  let { app, hydra }: HydraApp = {} as HydraApp;
  let client: Record<string, unknown>;
  beforeAll(async () => {
    ({ app, hydra } = await openHydraApp(program ?? ""));
    client = await hydra.ask("GET", "/clients/daemun");
  });
  afterEach(async () => {
    await hydra.ask("PUT", "/clients/daemun", client);
  });
  afterAll(async () => {
    await app?.close();
    await hydra?.stop();
  });

  const isAway = (url: string) => !url.startsWith(app.url);
  const isIn = async (browser: HttpBrowser) => (await whoIs(app, browser)) !== null;
  const signOutAtProvider = async (browser: HttpBrowser) => {
    const answered = await browser.submit(await browser.request(`${app.url}/sign-out`), 'data-scope="provider"');
    return browser.visit(answered.location ?? "", {}, isAway);
  };

  it("a user signs in, has the role that a claim gives, and a refresh token", async () => {
    const [haneul, minsu] = [await signedInAtHydra(app, "haneul"), await signedInAtHydra(app, "minsu")];
    expect((await haneul.request(`${app.url}/admin`)).status).toBe(200);
    expect((await minsu.request(`${app.url}/admin`)).status).toBe(403);
    for (const browser of [haneul, minsu]) expect(await refreshNow(app, browser)).toEqual([200]);
    await expectWholeGrants(app);
  });

  it("whoever is signed in here is asked nothing for another client", async () => {
    const browser = await signedInAtHydra(app, "haneul");
    const passed = await browser.visit(otherHydraRequest(hydra), {}, (url) => !url.includes(":9/callback"));
    expect(passed.location).toContain("code=");
  });

  it("signing out at the provider too ends Hydra's session, and comes back", async () => {
    const browser = await signedInAtHydra(app, "minsu");
    const back = await signOutAtProvider(browser);
    expect(back.location).toContain(`${app.url}/signed-out?`);
    expect(await isIn(browser)).toBe(false);
    const asked = await browser.visit(otherHydraRequest(hydra), {}, (url) => !url.includes(":9/callback"));
    expect(asked.body).toContain('id="login"');
  });

  it("FF-43: its logout tokens without exp end the session that they name, and the user's other goes on", async () => {
    const [ended, other] = [await signedInAtHydra(app, "minsu"), await signedInAtHydra(app, "minsu")];
    // As another client would: without a hint, the browser's own session at Hydra is meant.
    await ended.visit(`${hydra.issuer}/oauth2/sessions/logout`, {}, isAway);
    await expect.poll(() => isIn(ended)).toBe(false);
    expect(await isIn(other)).toBe(true);
    expect(await lastAudit(app, "sign_out.backchannel")).toMatchObject({ outcome: "success", detail: { by: "sid" } });
  });

  it("an access token for one API comes with the next refresh", async () => {
    const browser = await signedInAtHydra(app, "haneul");
    expect(await refreshNow(app, browser, { resource: shopping })).toEqual([200]);
    await expectWholeGrants(app);
  });

  it("forty callers whose token is over cause one refresh, and the rotated token works", async () => {
    const browser = await signedInAtHydra(app, "haneul");
    await expireTokens(app);
    const callers = Array.from({ length: 40 }, () => browser.fetch(`${app.url}/api/me?source=userinfo`));
    expect((await Promise.all(callers)).filter(({ status }) => status !== 200)).toEqual([]);
    expect(await refreshNow(app, browser)).toEqual([200]);
  });

  it("new keys, and the old one taken away: sign-ins and refreshes go on", async () => {
    const before = await signedInAtHydra(app, "haneul");
    const { keys } = await hydra.ask<{ keys: { kid: string }[] }>("GET", "/keys/hydra.openid.id-token");
    await hydra.ask("POST", "/keys/hydra.openid.id-token", { alg: "RS256", use: "sig", kid: "field-second" });
    const during = await signedInAtHydra(app, "minsu");
    for (const { kid } of keys) await hydra.ask("DELETE", `/keys/hydra.openid.id-token/${kid}`);
    const after = await signedInAtHydra(app, "minsu");
    for (const browser of [before, during, after]) expect(await refreshNow(app, browser)).toEqual([200]);
  });

  it("what wants a recent sign-in has Hydra ask again where its own is too old", async () => {
    const browser = await signedInAtHydra(app, "haneul");
    await app.rows(
      `UPDATE "Session" SET "authTime" = now() - interval '1 hour',
         claims = jsonb_set(claims, '{auth_time}', to_jsonb(extract(epoch FROM now())::int - 3600)) WHERE "endedAt" IS NULL`,
    );
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    const form = { csrfToken, scope: "everywhere" };
    const asked = await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form });
    const location = new URL(asked.location ?? "");
    expect(location.searchParams.get("max_age")).toBe("600");
    location.searchParams.set("max_age", "0");
    const page = await browser.visit(location.href, {}, isAway);
    expect(page.body).toContain('id="login"');
    const back = await meetHydra(app, browser, { ...asked, location: location.href }, "haneul");
    await browser.request(back.location ?? "");
    expect(await isIn(browser)).toBe(false);
  });

  it("a client that is registered for client_secret_post says so, signs users in and refreshes", async () => {
    const sibling = await app.startSibling({ AUTH_HYDRA_CLIENT_AUTH: "client_secret_post" });
    await hydra.ask("PUT", "/clients/daemun", { ...client, token_endpoint_auth_method: "client_secret_post" });
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? sibling.url : null));
    await signedInAtHydra(app, "haneul", browser);
    expect(await refreshNow(app, browser, { base: sibling.url })).toEqual([200]);
    await sibling.stop();
  });

  it("FF-41: a client that says who it is by a key, to the token endpoint, signs users in and refreshes", async () => {
    const { pem, jwk } = await makeClientKey("ES256");
    const signs = {
      AUTH_HYDRA_CLIENT_AUTH: "private_key_jwt",
      AUTH_HYDRA_SECRET: undefined,
      AUTH_HYDRA_PRIVATE_KEY: pem,
    };
    const sibling = await app.startSibling(signs);
    await hydra.ask("PUT", "/clients/daemun", {
      ...client,
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
      jwks: { keys: [jwk] },
    });
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? sibling.url : null));
    await signedInAtHydra(app, "haneul", browser);
    expect(await refreshNow(app, browser, { base: sibling.url })).toEqual([200]);
    await sibling.stop();
  });

  it("a Hydra that starts again finds its sessions, and ours go on", async () => {
    const browser = await signedInAtHydra(app, "haneul");
    await hydra.restart();
    expect(await refreshNow(app, browser)).toEqual([200]);
    expect(await isIn(browser)).toBe(true);
  });
});
