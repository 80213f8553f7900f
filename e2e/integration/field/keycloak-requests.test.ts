import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { buildExtended } from "../../support/extension/build";
import { makeClientKey } from "../../support/field/client-key";
import {
  clientFor,
  type KeycloakApp,
  meetKeycloak,
  openKeycloakApp,
  signedInAtKeycloak,
  submitThere,
} from "../../support/field/keycloak-app";
import { addLevels } from "../../support/field/keycloak-levels";
import { refreshNow } from "../../support/field/refresh-now";
import { HttpBrowser } from "../../support/http-browser";
import { startSignIn } from "../../support/test-app";
import { shopping } from "../../support/token-app";

const { keycloak } = inject("field");

describe.skipIf(!keycloak)("what a Keycloak is asked for (needs java, mvn and Maven Central)", () => {
  let { app, realm }: KeycloakApp = {} as KeycloakApp;
  beforeAll(async () => {
    ({ app, realm } = await openKeycloakApp(keycloak ?? "", "requests", {}, (await buildExtended()).folder));
  });
  afterAll(() => app?.close());

  it.each(["client-secret", "client-jwt"])(
    "FF-41: a client of %s whose requests have to be pushed signs users in once they are, and not before",
    async (clientAuthenticatorType) => {
      const { pem, jwk } = await makeClientKey("ES256");
      const isSigned = clientAuthenticatorType === "client-jwt";
      const told = {
        ...(isSigned && {
          AUTH_KEYCLOAK_CLIENT_AUTH: "private_key_jwt",
          AUTH_KEYCLOAK_SECRET: undefined,
          AUTH_KEYCLOAK_PRIVATE_KEY: pem,
        }),
      };
      const attributes = {
        ...clientFor(app.url).attributes,
        "require.pushed.authorization.requests": "true",
        "use.jwks.string": "true",
        "jwks.string": JSON.stringify({ keys: [jwk] }),
        ...(isSigned && { "token.endpoint.auth.signing.alg": "ES256" }),
      };
      await realm.changeClient("daemun", { attributes, clientAuthenticatorType });
      const [plain, pushing] = [
        await app.startSibling(told),
        await app.startSibling({ ...told, AUTH_KEYCLOAK_PUSHED_AUTHORIZATION: "true" }),
      ];
      const at = (instance: typeof plain) =>
        new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null));
      const refused = at(plain);
      const started = await startSignIn(app, refused, { provider: "keycloak" });
      const back = await meetKeycloak(app, refused, started, "haneul");
      expect(new URL(back.location ?? "").searchParams.get("error")).toBe("invalid_request");
      const browser = at(pushing);
      await signedInAtKeycloak(app, "haneul", browser);
      expect(await refreshNow(app, browser, { base: pushing.url })).toEqual([200]);
      await Promise.all([plain, pushing].map((instance) => instance.stop()));
      const former = { ...attributes, "require.pushed.authorization.requests": "false" };
      await realm.changeClient("daemun", { attributes: former, clientAuthenticatorType: "client-secret" });
    },
  );

  it("a client whose tokens have to be bound to a key signs users in, refreshes for an API and reads userinfo, all by proof", async () => {
    const attributes = { ...clientFor(app.url).attributes, "dpop.bound.access.tokens": "true" };
    await realm.changeClient("daemun", { attributes });
    const plain = new HttpBrowser();
    const started = await startSignIn(app, plain, { provider: "keycloak" });
    const back = await meetKeycloak(app, plain, started, "haneul");
    const refused = new URL((await plain.request(back.location ?? "")).location ?? "");
    expect([refused.pathname, refused.searchParams.get("code")]).toEqual(["/auth-error", "provider_error"]);

    const bound = await app.startSibling({ AUTH_KEYCLOAK_DPOP: "true" });
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? bound.url : null));
    await signedInAtKeycloak(app, "haneul", browser);
    for (const resource of [undefined, shopping, shopping]) {
      expect(await refreshNow(app, browser, { base: bound.url, ...(resource && { resource }) })).toEqual([200]);
    }
    const asked = await browser.fetch(`${app.url}/api/me?source=userinfo`);
    expect([asked.status, JSON.parse(asked.body).claims.email]).toEqual([200, "haneul@company.example"]);
    const tokens = await app.rows(`SELECT "isBound" FROM "AccessToken" t JOIN "Grant" g ON g.id = t."grantId"
      WHERE g."endedAt" IS NULL AND g."sealedProofKey" IS NOT NULL`);
    expect(tokens).toEqual([{ isBound: true }, { isBound: true }]);
    await bound.stop();
    await realm.changeClient("daemun", { attributes: { ...attributes, "dpop.bound.access.tokens": "false" } });
  });

  it("a page that asks for the second of two levels has the user prove it there, once, and knows them afterwards", async () => {
    const [weak, strong] = ["urn:daemun:acr:1", "urn:daemun:acr:2"] as const;
    await addLevels(realm, [weak, strong]);
    const browser = await signedInAtKeycloak(app, "minsu");
    const contexts = async () =>
      (
        await app.rows<{ acr: string }>(
          `SELECT s.acr FROM "Session" s JOIN "User" u ON u.id = s."userId"
            WHERE u.email = 'minsu@company.example' AND s."endedAt" IS NULL`,
        )
      ).map(({ acr }) => acr);
    expect(await contexts()).toEqual([weak]);
    const isHere = (url: string) => url.startsWith(app.url);
    const away = await browser.visit(`${app.url}/vault/strong`, {}, isHere);
    expect(new URL(away.location ?? "").searchParams.get("acr_values")).toBe(strong);
    const asked = await browser.visit(away.location ?? "", {}, (url) => !isHere(url));
    // The name is known, and the first level was proved: the second alone is asked for.
    expect(asked.body).toContain("kc-form-login");
    expect(asked.body).not.toContain('id="username"');
    const wrong = await submitThere(app, browser, asked, "kc-form-login", { password: "wrong" });
    expect(wrong.location).toBeNull();
    const back = await submitThere(app, browser, wrong, "kc-form-login", { password: "a-password-of-the-field" });
    const page = await browser.visit(back.location ?? "");
    expect([page.url, page.status]).toEqual([`${app.url}/vault/strong`, 200]);
    expect(await contexts()).toEqual([strong]);
    expect((await browser.request(`${app.url}/vault/strong`)).status).toBe(200);
  });
});
