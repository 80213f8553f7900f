import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { type KeycloakApp, openKeycloakApp, signedInAtKeycloak, userNamed } from "../../support/field/keycloak-app";
import { refreshNow } from "../../support/field/refresh-now";
import type { HttpBrowser } from "../../support/http-browser";
import { whoIs } from "../../support/test-app";
import { expectWholeGrants, expireTokens, shopping, store } from "../../support/token-app";

const { keycloak } = inject("field");

describe.skipIf(!keycloak)("tokens of a Keycloak (needs java, mvn and Maven Central)", () => {
  let { app, realm, restartKeycloak }: KeycloakApp = {} as KeycloakApp;
  let sibling: RunningApp;
  beforeAll(async () => {
    ({ app, realm, restartKeycloak } = await openKeycloakApp(keycloak ?? "", "tokens"));
    sibling = await app.startSibling();
  });
  afterAll(() => app?.close());

  const fromUserInfo = (base: string, browser: HttpBrowser) => browser.fetch(`${base}/api/me?source=userinfo`);

  it("forty callers of two instances whose token is over cause one refresh, with rotation and reuse detection on", async () => {
    const browser = await signedInAtKeycloak(app, "haneul");
    await expireTokens(app);
    await realm.clearEvents();
    const bases = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? app.url : sibling.url));
    const answers = await Promise.all(bases.map((base) => fromUserInfo(base, browser)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await realm.events("REFRESH_TOKEN", "REFRESH_TOKEN_ERROR")).toMatchObject([{ type: "REFRESH_TOKEN" }]);
    // The one that was rotated last is the one that is kept.
    expect(await refreshNow(app, browser, { base: sibling.url })).toEqual([200]);
    expect(await refreshNow(app, browser)).toEqual([200]);
    await expectWholeGrants(app);
  });

  it("a token for each of two APIs, and each is for that one alone", async () => {
    const browser = await signedInAtKeycloak(app, "haneul");
    for (const resource of [shopping, store]) expect(await refreshNow(app, browser, { resource })).toEqual([200]);
    const tokens = await app.rows(
      `SELECT resource, "grantedScope" scope FROM "AccessToken" WHERE resource <> '' ORDER BY resource`,
    );
    expect(tokens).toEqual([
      { resource: shopping, scope: expect.stringMatching(/^(?!.*store).*shopping:read/) },
      { resource: store, scope: expect.stringMatching(/^(?!.*shopping).*store:read/) },
    ]);
    await expectWholeGrants(app);
  });

  it.each([
    ["disabled", (username: string) => realm.changeUser(username, { enabled: false })],
    ["deleted", (username: string) => realm.removeUser(username)],
  ])("a user who is %s at Keycloak loses the session with the next refresh, on every instance", async (how, take) => {
    const username = `user-${how}`;
    await realm.addUser(userNamed(username));
    const browser = await signedInAtKeycloak(app, username);
    await take(username);
    expect(await refreshNow(app, browser, { base: sibling.url })).toEqual([401, "reauthentication_required"]);
    expect(await whoIs(app, browser)).toBeNull();
    expect((await browser.fetch(`${sibling.url}/api/me`)).status).toBe(401);
  });

  it.each([
    ["RS256", "rsa-generated", {}],
    ["ES256", "ecdsa-generated", { ecdsaEllipticCurveKey: ["P-256"] }],
    ["EdDSA", "eddsa-generated", { eddsaEllipticCurveKey: ["Ed25519"] }],
  ])(
    "new keys for %s, and then the old ones taken away: sign-ins and refreshes go on",
    async (algorithm, providerId, config) => {
      const priority = { RS256: 1000, ES256: 2000, EdDSA: 3000 }[algorithm] ?? 0;
      const before = await signedInAtKeycloak(app, "haneul");
      await realm.addKey(providerId, priority, config);
      const { attributes } = await realm.client("daemun");
      const told = { ...(attributes as object), "id.token.signed.response.alg": algorithm };
      await realm.changeClient("daemun", { attributes: told });
      const during = await signedInAtKeycloak(app, "minsu");
      await realm.removeOlderKeys(priority);
      const after = await signedInAtKeycloak(app, "haneul");
      for (const browser of [before, during, after]) {
        expect(await refreshNow(app, browser, { base: sibling.url })).toEqual([200]);
        expect(await whoIs(app, browser)).not.toBeNull();
      }
    },
  );

  it("a logout token with a new key ends the session, too", async () => {
    const browser = await signedInAtKeycloak(app, "minsu");
    await realm.addKey("eddsa-generated", 4000, { eddsaEllipticCurveKey: ["Ed25519"] });
    await realm.signOutUser("minsu");
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("while Keycloak is down a session goes on, and so it does when Keycloak has started again", async () => {
    const browser = await signedInAtKeycloak(app, "haneul");
    await restartKeycloak(async () => {
      expect(await whoIs(app, browser)).not.toBeNull();
      expect(await refreshNow(app, browser)).toEqual([503, "provider_unavailable"]);
      expect(await whoIs(app, browser)).not.toBeNull();
    });
    expect(await whoIs(app, browser)).not.toBeNull();
    // Whoever was refused waits for as long as Retry-After said.
    await expect.poll(() => refreshNow(app, browser)).toEqual([200]);
    await realm.signOutUser("haneul");
    expect(await whoIs(app, browser)).toBeNull();
  });
});
