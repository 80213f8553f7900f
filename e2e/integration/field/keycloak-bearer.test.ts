import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { buildExtended } from "../../support/extension/build";
import { type KeycloakApp, openKeycloakApp, signedInAtKeycloak } from "../../support/field/keycloak-app";
import { own } from "../../support/proxied";
import { shopping, store } from "../../support/token-app";

const { keycloak } = inject("field");

describe.skipIf(!keycloak)("a client with an access token of a Keycloak (needs java, mvn and Maven Central)", () => {
  let { app, realm }: KeycloakApp = {} as KeycloakApp;
  beforeAll(async () => {
    ({ app, realm } = await openKeycloakApp(keycloak ?? "", "bearer", {}, (await buildExtended()).folder));
  });
  afterAll(() => app?.close());

  const call = (token: string) =>
    fetch(`${app.url}/api/calls/shopping`, { headers: { Authorization: `Bearer ${token}` }, redirect: "manual" });

  /** What Keycloak gave this user for the shopping API: that one may go to the browser. */
  async function tokenFor(username: string): Promise<string> {
    const browser = await signedInAtKeycloak(app, username);
    const page = await browser.fetch(`${app.url}/api/tokens/${encodeURIComponent(shopping)}`, { headers: own });
    expect([page.status, page.body.slice(0, 200)]).toEqual([200, expect.stringContaining("access_token")]);
    return JSON.parse(page.body).access_token;
  }

  it("is let in where the token is for that API, and is known by its account here", async () => {
    const answered = await call(await tokenFor("haneul"));
    expect(answered.status).toBe(200);
    expect(await answered.json()).toMatchObject({
      by: "token",
      user: expect.any(String),
      token: { provider: "keycloak", issuer: realm.issuer, scopes: expect.arrayContaining(["shopping:read"]) },
    });
  });

  it("is refused with a token that was changed, and with one that has no word of that API", async () => {
    const token = await tokenFor("minsu");
    const [head = "", body = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(body, "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "somebody-else" })).toString("base64url");
    const elsewhere = Buffer.from(JSON.stringify({ ...claims, aud: store })).toString("base64url");
    for (const other of [forged, elsewhere]) {
      const answered = await call([head, other, signature].join("."));
      expect([answered.status, answered.headers.get("www-authenticate")]).toEqual([
        401,
        `Bearer error="invalid_token"${metadata()}`,
      ]);
    }
  });
  const metadata = () => `, resource_metadata="${app.url}/.well-known/oauth-protected-resource/api/calls"`;
});
