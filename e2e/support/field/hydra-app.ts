import { expect } from "vitest";
import { clientAddresses } from "../../../dev/run/app-environment";
import { HttpBrowser, type Page } from "../http-browser";
import { clientId, clientSecret, openTestApp, startSignIn, type TestApp, whoIs } from "../test-app";
import { shopping } from "../token-app";
import { type Hydra, startHydra } from "./hydra";

/** An app whose only provider is a Hydra of its own. */
export interface HydraApp {
  app: TestApp;
  hydra: Hydra;
}

const otherRedirect = "http://127.0.0.1:9/callback";

/** Opens an app and a Hydra that knows it, another client, and the users `haneul`, who has a role, and `minsu`. */
export async function openHydraApp(program: string): Promise<HydraApp> {
  const hydra = await startHydra(program);
  const app = await openTestApp({
    env: {
      AUTH_PROVIDERS: "hydra",
      AUTH_HYDRA_ID: clientId,
      AUTH_HYDRA_SECRET: clientSecret,
      AUTH_HYDRA_ISSUER: hydra.issuer,
      // Its logout tokens have no exp, and say that they are a JWT.
      AUTH_HYDRA_BACKCHANNEL_REQUIRE_TYP: "false",
      AUTH_HYDRA_BACKCHANNEL_REQUIRE_EXP: "false",
      OUTBOUND_TIMEOUT_MS: "9000",
    },
  });
  const addresses = clientAddresses(app.url, "hydra");
  await hydra.ask("POST", "/clients", {
    client_id: clientId,
    client_secret: clientSecret,
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    scope: "openid offline_access profile email shopping:read shopping:write store:read store:write",
    audience: [shopping],
    redirect_uris: addresses.redirectUris,
    post_logout_redirect_uris: addresses.postLogoutRedirectUris,
    backchannel_logout_uri: addresses.backchannelLogoutUri,
    backchannel_logout_session_required: true,
  });
  await hydra.ask("POST", "/clients", {
    client_id: "other",
    token_endpoint_auth_method: "none",
    response_types: ["code"],
    scope: "openid",
    redirect_uris: [otherRedirect],
  });
  for (const [name, roles] of Object.entries({ haneul: ["admin"], minsu: [] })) {
    hydra.users.set(name, { name, email: `${name}@company.example`, email_verified: true, roles });
  }
  return { app, hydra };
}

/** The other client's authorization request. */
export const otherHydraRequest = (hydra: Hydra) =>
  `${hydra.issuer}/oauth2/auth?${new URLSearchParams({
    client_id: "other",
    redirect_uri: otherRedirect,
    response_type: "code",
    scope: "openid",
    state: "a-state-of-the-other-client",
  })}`;

/** Goes on at Hydra and its login app, giving a name where one is asked for. Answers the redirect away from there. */
export async function meetHydra(app: TestApp, browser: HttpBrowser, started: Page, username: string): Promise<Page> {
  const isThere = (url: string) => !url.startsWith(app.url) && !url.startsWith(otherRedirect);
  const page = await browser.visit(started.location ?? "", {}, isThere);
  if (page.location) return page;
  const sent = await browser.submit(page, 'id="login"', { username });
  return browser.visit(sent.location ?? "", {}, isThere);
}

/** A browser that is signed in. */
export async function signedInAtHydra(
  app: TestApp,
  username: string,
  browser = new HttpBrowser(),
): Promise<HttpBrowser> {
  const started = await startSignIn(app, browser, { provider: "hydra" });
  const back = await meetHydra(app, browser, started, username);
  const page = await browser.request(back.location ?? "");
  expect([page.status, page.location], app.instance.output().slice(-1500)).toEqual([303, `${app.url}/account`]);
  expect(await whoIs(app, browser)).toMatchObject({ sub: username, user: { email: `${username}@company.example` } });
  return browser;
}
