import * as client from "openid-client";
import { firstParty } from "../client-registration";
import { listenOnLoopback } from "../http/loopback";
import { readBody } from "../http/read-body";
import type { ClientRegistration } from "../start";
import { Browser } from "./browser";

/** A small application with a back-channel logout endpoint that keeps what it received. */
export async function startRelyingParty(clientId: string) {
  const logoutTokens: string[] = [];
  const server = await listenOnLoopback((request, response) => {
    readBody(request, 100_000).then((body) => {
      const token = new URLSearchParams(body?.toString() ?? "").get("logout_token");
      if (token) logoutTokens.push(token);
      response.writeHead(200, { "x-answered-by": "relying-party" }).end("noted");
    });
  }, 0);
  const origin = `http://localhost:${server.port}`;
  const registration: ClientRegistration = {
    clientId,
    clientSecret: `${clientId}-secret-of-enough-length`,
    redirectUris: [`${origin}/callback`],
    postLogoutRedirectUris: [`${origin}/`],
    backchannelLogoutUri: `${origin}/backchannel`,
    frontchannelLogoutUri: `${origin}/frontchannel`,
    name: `Application ${clientId}`,
    ...firstParty,
  };
  return { origin, registration, logoutTokens, stop: server.close };
}

/** Discovers an issuer the way an application does. */
export function discover(
  issuer: string,
  { clientId, clientSecret }: ClientRegistration,
): Promise<client.Configuration> {
  return client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    execute: [client.allowInsecureRequests],
  });
}

export interface Flow {
  browser: Browser;
  /** The address at the issuer that starts the sign-in. */
  start: string;
  callback: string;
  /** Exchanges what came back for tokens, with every check that openid-client makes. */
  finish(
    url: URL,
    tokenParameters?: Record<string, string>,
  ): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers>;
}

export const allScopes =
  "openid profile email phone address custom_data identities roles urn:logto:scope:organizations urn:logto:scope:organization_roles offline_access";

/** Begins a sign-in with PKCE, state and nonce. */
export async function beginFlow(
  config: client.Configuration,
  callback: string,
  parameters: Record<string, string> | [string, string][] = {},
  browser = new Browser(),
): Promise<Flow> {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const query = new URLSearchParams({
    redirect_uri: callback,
    scope: allScopes,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  const given = Array.isArray(parameters) ? parameters : Object.entries(parameters);
  for (const [name] of given) query.delete(name);
  for (const [name, value] of given) query.append(name, value);
  return {
    browser,
    callback,
    start: client.buildAuthorizationUrl(config, query).href,
    finish: (url, tokenParameters) =>
      client.authorizationCodeGrant(
        config,
        url,
        {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        },
        tokenParameters,
      ),
  };
}

/** Signs a demo person in, by the button with their name. */
export async function signIn(
  config: client.Configuration,
  callback: string,
  sub: string,
  parameters: Record<string, string> | [string, string][] = {},
  browser = new Browser(),
) {
  const flow = await beginFlow(config, callback, parameters, browser);
  const page = await browser.open(flow.start, { stopBefore: callback });
  const visit = await browser.submit(page, `data-person="${sub}"`, {}, { stopBefore: callback });
  return { tokens: await flow.finish(visit.url), browser, visit };
}
