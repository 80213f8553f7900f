import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type ClientAlgorithm, makeClientKey } from "../../support/field/client-key";
import { clientFor, type KeycloakApp, openKeycloakApp, signedInAtKeycloak } from "../../support/field/keycloak-app";
import { refreshNow } from "../../support/field/refresh-now";
import { HttpBrowser } from "../../support/http-browser";
import { whoIs } from "../../support/test-app";

const { keycloak } = inject("field");

describe.skipIf(!keycloak)("what a client is to a Keycloak (needs java, mvn and Maven Central)", () => {
  let { app, realm }: KeycloakApp = {} as KeycloakApp;
  beforeAll(async () => {
    ({ app, realm } = await openKeycloakApp(keycloak ?? "", "clients"));
  });
  afterAll(() => app?.close());

  it.each<[method: string, algorithm: ClientAlgorithm | null]>([
    ["client_secret_post", null],
    ["private_key_jwt", "RS256"],
    ["private_key_jwt", "ES256"],
  ])(
    "a client that says who it is by %s (%s) signs users in, refreshes and is told of sign-outs",
    async (method, algorithm) => {
      const { pem, jwk } = await makeClientKey(algorithm ?? "RS256");
      const sibling = await app.startSibling({
        AUTH_KEYCLOAK_CLIENT_AUTH: method,
        ...(algorithm !== null && { AUTH_KEYCLOAK_SECRET: undefined, AUTH_KEYCLOAK_PRIVATE_KEY: pem }),
      });
      const attributes = {
        ...clientFor(app.url).attributes,
        "use.jwks.string": "true",
        "jwks.string": JSON.stringify({ keys: [jwk] }),
        ...(algorithm !== null && { "token.endpoint.auth.signing.alg": algorithm }),
      };
      const clientAuthenticatorType = algorithm === null ? "client-secret" : "client-jwt";
      await realm.changeClient("daemun", { attributes, clientAuthenticatorType });
      const browser = new HttpBrowser(({ origin }) => (origin === app.url ? sibling.url : null));
      await signedInAtKeycloak(app, "haneul", browser);
      expect(await refreshNow(app, browser, { base: sibling.url })).toEqual([200]);
      await realm.signOutUser("haneul");
      expect(await whoIs(app, browser)).toBeNull();
      await sibling.stop();
    },
  );
});
