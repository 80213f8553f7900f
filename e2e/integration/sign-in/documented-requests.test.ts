import { afterAll, beforeAll, expect, it } from "vitest";
import { HttpBrowser } from "../../support/http-browser";
import { clientId, clientSecret, shareTestApp, startSignIn, type TestApp } from "../../support/test-app";

/** An authorization request as the provider's own documentation has it. */
interface Documented {
  preset: string;
  /** From there, without line breaks and the marks of its placeholders. */
  example: string;
  /** Parameters of the example that this app says otherwise, by what they have to be here. */
  otherwise?: Record<string, RegExp>;
  /** Parameters of the example that this app does not send, by why not. */
  leftOut?: Record<string, string>;
  /** Parameters that this app sends besides, by what they have to be. */
  besides?: Record<string, RegExp>;
}

const pkce = { code_challenge: /^[\w-]{43}$/, code_challenge_method: /^S256$/ };
const fresh = /^[\w.-]{20,}$/;

const documented: Documented[] = [
  {
    // https://developers.google.com/identity/openid-connect/openid-connect#sendauthrequest
    preset: "google",
    example:
      "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=424911365001.apps.googleusercontent.com&scope=openid%20email&redirect_uri=https%3A//oauth2.example.com/code&state=security_token%3D138r5719ru3e1%26url%3Dhttps%3A%2F%2Foauth2-login-demo.example.com%2FmyHome&login_hint=jsmith@example.com&nonce=0394852-3190485-2490358&hd=example.com",
    otherwise: { scope: /^openid profile email$/ },
    leftOut: { login_hint: "nobody is known yet", hd: "authorizationParameters say it where configuration wants it" },
    // The same page, "Authentication URI parameters": what is not in the example.
    besides: { ...pkce, access_type: /^offline$/, prompt: /^select_account$/ },
  },
  {
    // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
    preset: "entra",
    example:
      "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize?client_id=00001111-aaaa-2222-bbbb-3333cccc4444&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%2Fmyapp%2F&response_mode=query&scope=https%3A%2F%2Fgraph.microsoft.com%2Fmail.read&state=12345&code_challenge=YTFjNjI1OWYzMzA3MTI4ZDY2Njg5M2RkNmVjNDE5YmEyZGRhOGYyM2IzNjdmZWFhMTQ1ODg3NDcxY2Nl&code_challenge_method=S256",
    // A resource's scope is its App ID URI, a slash and the scope, as in the example.
    otherwise: {
      scope: /^openid profile email offline_access https:\/\/shopping\.example\/api\/shopping:read https:.*:write$/,
    },
    leftOut: { response_mode: "query is what it is without" },
    besides: { nonce: fresh },
  },
  {
    // https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps, step 1: its table of parameters, those
    // that are required or recommended. There is no response_type in it; RFC 6749, section 4.1.1, requires one.
    preset: "github",
    example:
      "https://github.com/login/oauth/authorize?client_id=&redirect_uri=&scope=user&state=&code_challenge=&code_challenge_method=S256",
    otherwise: { scope: /^read:user user:email$/ },
    besides: { response_type: /^code$/ },
  },
  {
    // https://developers.kakao.com/docs/latest/en/kakaologin/rest-api#request-code, with its table of parameters, where `scope`
    // is a list with commas. It takes RFC 6749's spaces too.
    preset: "kakao",
    example:
      "https://kauth.kakao.com/oauth/authorize?response_type=code&client_id={REST_API_KEY}&redirect_uri={REDIRECT_URI}&state=&nonce=&scope=account_email,gender",
    otherwise: { scope: /^openid profile_nickname profile_image account_email$/ },
    besides: pkce,
  },
  {
    // https://www.keycloak.org/docs/latest/server_admin/#_step-up-flow, "Request example"
    preset: "keycloak",
    example:
      "https://{DOMAIN}/realms/{REALMNAME}/protocol/openid-connect/auth?client_id={CLIENT-ID}&redirect_uri={REDIRECT-URI}&scope=openid&response_type=code&response_mode=query&nonce=exg16fxdjcu&claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22values%22%3A%5B%22gold%22%5D%7D%7D%7D",
    otherwise: { scope: /^openid profile email shopping:read shopping:write store:read store:write$/ },
    leftOut: { response_mode: "query is what it is without", claims: "a step-up says acr_values" },
    besides: { ...pkce, state: fresh },
  },
];

let app: TestApp;
let instance: Awaited<ReturnType<TestApp["startSibling"]>>;
beforeAll(async () => {
  app = await shareTestApp();
  const variables = documented.flatMap(({ preset }) => [
    [`AUTH_${preset.toUpperCase()}_ID`, clientId] as const,
    [`AUTH_${preset.toUpperCase()}_SECRET`, clientSecret] as const,
    // GitHub's endpoints are its preset's; the others are asked for theirs.
    ...(preset === "github" ? [] : [[`AUTH_${preset.toUpperCase()}_ISSUER`, app.issuers.company ?? ""] as const]),
  ]);
  instance = await app.startSibling({
    AUTH_PROVIDERS: documented.map(({ preset }) => preset).join(","),
    ...Object.fromEntries(variables),
  });
}, 300_000);
afterAll(() => app?.close());

it.each(documented)(
  "$preset gets the authorization request of its own documentation, parameter by parameter",
  async ({ preset, example, otherwise = {}, leftOut = {}, besides = {} }) => {
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null));
    const started = await startSignIn(app, browser, { provider: preset });
    const sent = new URL(started.location ?? "");
    const asked = new URL(example.replaceAll(/[{}]/g, "x"));
    // What every app says in its own way.
    const own: Record<string, RegExp> = {
      client_id: new RegExp(`^${clientId}$`),
      redirect_uri: new RegExp(`^${app.url}/api/auth/callback/${preset}$`),
      state: fresh,
      nonce: fresh,
      code_challenge: pkce.code_challenge,
    };
    for (const [name, value] of asked.searchParams) {
      if (name in leftOut) expect(sent.searchParams.has(name), name).toBe(false);
      else {
        const expected = otherwise[name] ?? own[name];
        if (expected) expect(sent.searchParams.get(name), name).toMatch(expected);
        else expect([name, sent.searchParams.get(name)]).toEqual([name, value]);
      }
    }
    for (const [name, expected] of Object.entries(besides)) expect(sent.searchParams.get(name), name).toMatch(expected);
    const expected = [...asked.searchParams.keys(), ...Object.keys(besides)].filter((name) => !(name in leftOut));
    expect([...sent.searchParams.keys()].sort()).toEqual(expected.sort());
    if (preset === "github") expect(sent.origin + sent.pathname).toBe(asked.origin + asked.pathname);
  },
);
