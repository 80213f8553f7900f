import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { clientAddresses } from "../../../dev/run/app-environment";
import { HttpBrowser, type Page } from "../http-browser";
import { clientId, clientSecret, openTestApp, startSignIn, type TestApp, whoIs } from "../test-app";
import { shopping, store } from "../token-app";
import { type Keycloak, shareKeycloak } from "./keycloak";
import { createRealm, type KeycloakRealm } from "./keycloak-admin";

/** An app whose only provider is a realm of its own. */
export interface KeycloakApp {
  app: TestApp;
  realm: KeycloakRealm;
  restartKeycloak: Keycloak["restart"];
}

export const password = "a-password-of-the-field";

/** Somebody with everything that Keycloak wants to know before it lets a user pass. */
export const userNamed = (username: string) => ({
  username,
  enabled: true,
  email: `${username}@company.example`,
  emailVerified: true,
  firstName: username,
  lastName: "Kim",
  credentials: [{ type: "password", value: password }],
});

/** What a client is that is made by the Admin REST API as Keycloak's documentation does it, for the app at `url`. */
export function clientFor(url: string) {
  const { redirectUris, postLogoutRedirectUris, backchannelLogoutUri } = clientAddresses(url, "keycloak");
  return {
    clientId,
    secret: clientSecret,
    publicClient: false,
    redirectUris,
    frontchannelLogout: false,
    attributes: {
      "post.logout.redirect.uris": postLogoutRedirectUris.join("##"),
      "backchannel.logout.url": backchannelLogoutUri,
      "backchannel.logout.session.required": "true",
      "pkce.code.challenge.method": "S256",
    },
  };
}

/** Another client of the realm, which is no more than its redirect URI. */
export const otherClient = { clientId: "other", redirectUri: "http://127.0.0.1:9/callback" };

/**
 * Opens an app, and a realm with users `haneul` and `minsu`, its client and another one. Refresh tokens rotate, and one that
 * comes twice ends its session.
 *
 * @param directory the folder of another build than the repository's own
 */
export async function openKeycloakApp(
  folder: string,
  subject: string,
  env: Record<string, string> = {},
  directory?: string,
): Promise<KeycloakApp> {
  const name = `${subject}-${randomUUID().slice(0, 8)}`;
  const keycloak = await shareKeycloak(folder);
  const app = await openTestApp({
    ...(directory !== undefined && { directory }),
    env: {
      AUTH_PROVIDERS: "keycloak",
      AUTH_KEYCLOAK_ID: clientId,
      AUTH_KEYCLOAK_SECRET: clientSecret,
      AUTH_KEYCLOAK_ISSUER: `${keycloak.url}/realms/${name}`,
      OUTBOUND_TIMEOUT_MS: "9000",
      ...env,
    },
  });
  const realm = await createRealm(keycloak, name, {
    sslRequired: "none",
    registrationAllowed: true,
    organizationsEnabled: true,
    revokeRefreshToken: true,
    refreshTokenMaxReuse: 0,
    eventsEnabled: true,
    enabledEventTypes: ["LOGIN", "REGISTER", "REFRESH_TOKEN", "REFRESH_TOKEN_ERROR", "LOGOUT", "CODE_TO_TOKEN_ERROR"],
    roles: { realm: [{ name: "admin" }], client: { [clientId]: [{ name: "admin" }] } },
    users: ["haneul", "minsu"].map(userNamed),
    clients: [
      clientFor(app.url),
      { clientId: otherClient.clientId, publicClient: true, redirectUris: [otherClient.redirectUri], attributes: {} },
    ],
  });
  for (const scope of ["shopping:read", "shopping:write"]) await realm.addApiScope(scope, shopping, clientId);
  for (const scope of ["store:read", "store:write"]) await realm.addApiScope(scope, store, clientId);
  return { app, realm, restartKeycloak: keycloak.restart };
}

const isAtKeycloak = (app: TestApp) => (url: string) =>
  !url.startsWith(app.url) && !url.startsWith(otherClient.redirectUri);

/** Goes on at Keycloak, giving name and password where they are asked for. Answers the redirect away from it. */
export async function meetKeycloak(app: TestApp, browser: HttpBrowser, started: Page, username: string): Promise<Page> {
  expect(started.location, started.body.slice(0, 300)).not.toBeNull();
  let page = await browser.visit(started.location ?? "", {}, isAtKeycloak(app));
  // Where there are organizations, a user's name decides what is asked next: a form each. Whom Keycloak knows already has no
  // name to give, and whom it refuses is shown the form again.
  for (let forms = 0; forms < 2 && !page.location && page.body.includes("kc-form-login"); forms += 1) {
    page = await submitThere(app, browser, page, "kc-form-login", { username, password });
  }
  return page;
}

/**
 * Sends a form of Keycloak's, and follows it as long as it stays there.
 *
 * @param form its id, or else the attribute that marks it
 */
export async function submitThere(
  app: TestApp,
  browser: HttpBrowser,
  page: Page,
  form: string,
  fields: Record<string, string>,
): Promise<Page> {
  const sent = await browser.submit(page, form.includes("=") ? form : `id="${form}"`, fields);
  if (!sent.location || !isAtKeycloak(app)(sent.location)) return sent;
  return browser.visit(sent.location, {}, isAtKeycloak(app));
}

/** A whole sign-in, up to the callback's own redirect. */
export async function signInAtKeycloak(
  app: TestApp,
  browser: HttpBrowser,
  username: string,
  options: Parameters<typeof startSignIn>[2] = {},
): Promise<Page> {
  const started = await startSignIn(app, browser, { provider: "keycloak", ...options });
  const back = await meetKeycloak(app, browser, started, username);
  return browser.request(back.location ?? "");
}

/** A browser that is signed in. */
export async function signedInAtKeycloak(
  app: TestApp,
  username: string,
  browser = new HttpBrowser(),
): Promise<HttpBrowser> {
  const page = await signInAtKeycloak(app, browser, username);
  expect([page.status, page.location], app.instance.output().slice(-1500)).toEqual([303, `${app.url}/account`]);
  expect(await whoIs(app, browser)).toMatchObject({ user: { email: `${username}@company.example` } });
  return browser;
}

/** The other client's authorization request. */
export const otherRequest = (realm: KeycloakRealm, parameters: Record<string, string> = {}) =>
  `${realm.issuer}/protocol/openid-connect/auth?${new URLSearchParams({
    client_id: otherClient.clientId,
    redirect_uri: otherClient.redirectUri,
    response_type: "code",
    scope: "openid",
    ...parameters,
  })}`;
