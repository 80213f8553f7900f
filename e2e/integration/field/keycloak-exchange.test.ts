import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { extendedOptions } from "../../support/extension/extended-app";
import { type KeycloakApp, openKeycloakApp, signedInAtKeycloak } from "../../support/field/keycloak-app";
import type { HttpBrowser } from "../../support/http-browser";
import { type NextHop, openNextHop } from "../../support/next-hop";
import { own } from "../../support/proxied";
import { clientId, whoIs } from "../../support/test-app";

const { keycloak } = inject("field");

describe.skipIf(!keycloak)("the token exchange of a Keycloak (needs java, mvn and Maven Central)", () => {
  let { app, realm }: KeycloakApp = {} as KeycloakApp;
  let hop: NextHop;
  let sibling: RunningApp;
  beforeAll(async () => {
    hop = await openNextHop();
    const { directory } = await extendedOptions();
    ({ app, realm } = await openKeycloakApp(keycloak ?? "", "exchange", hop.env, directory));
    sibling = await app.startSibling();
    const issuer = app.environment.AUTH_KEYCLOAK_ISSUER ?? "";
    const ledgerRules = { keys: `${issuer}/protocol/openid-connect/certs`, typ: "JWT", requiredClaims: ["sub", "exp"] };
    hop.trust({ ledger: issuer, statements: app.url, ledgerRules });
    await realm.addClient({ clientId: "ledger", publicClient: false, secret: "a-service-of-the-field" });
    await realm.addApiScope("ledger:read", "ledger", clientId);
    await allow(true);
  });
  afterEach(() => hop?.reset());
  afterAll(async () => {
    await app?.close();
    await hop?.close();
  });

  const allow = (isEnabled: boolean) =>
    realm.changeClient(clientId, { attributes: { "standard.token.exchange.enabled": String(isEnabled) } });
  const entries = (browser: HttpBrowser, base = app.url) =>
    browser.fetch(`${base}/api/services/ledger/entries`, { headers: own });

  it("gives a token for the service alone, by one exchange for twenty callers of two instances", async () => {
    const browser = await signedInAtKeycloak(app, "haneul");
    const bases = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? app.url : sibling.url));
    const answers = await Promise.all(bases.map((base) => entries(browser, base)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.slice(0, 200)}`)).size).toBe(1);
    expect(answers[0]?.status, answers[0]?.body).toBe(200);
    const calls = hop.calls("ledger");
    expect(new Set(calls.map(({ token }) => token)).size).toBe(1);
    expect(calls[0]?.claims).toMatchObject({
      aud: "ledger",
      azp: clientId,
      scope: expect.stringContaining("ledger:read"),
    });
  });

  it("says no where the client may not exchange, and the session goes on", async () => {
    const browser = await signedInAtKeycloak(app, "minsu");
    await allow(false);
    const answered = await entries(browser);
    expect(JSON.parse(answered.body).error).toMatch(/^(?:provider_error|provider_misconfigured|forbidden)$/);
    expect(hop.calls("ledger")).toEqual([]);
    expect(await whoIs(app, browser)).not.toBeNull();
    await allow(true);
  });
});
