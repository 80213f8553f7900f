import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClientRegistration } from "../../../dev/provider/client-registration";
import type { HabitsName } from "../../../dev/provider/habits/habits";
import { HttpBrowser } from "../../support/http-browser";
import { own } from "../../support/proxied";
import { clientId, clientSecret, meetProvider, shareTestApp, startSignIn, type TestApp } from "../../support/test-app";

/** What comes of a sign-in by a preset, with id, secret and issuer set and nothing else. */
interface Outcome {
  preset: HabitsName;
  roles: string[];
  /** The status of a call of an API with the user's token; null for a provider with one token for everything. */
  api: number | null;
  email: string | null;
  name: string | null;
  /** How its own session ends: by the parameter that says where to come back to, at an address of its own, or not at all. */
  signOut: string | null;
}

const email = "haneul@company.example";
const name = "김하늘";
const outcomes: Outcome[] = [
  { preset: "logto", roles: ["admin"], api: 200, email, name, signOut: "post_logout_redirect_uri" },
  { preset: "google", roles: [], api: null, email, name, signOut: null },
  { preset: "entra", roles: ["admin"], api: 200, email, name, signOut: "post_logout_redirect_uri" },
  {
    preset: "keycloak",
    roles: ["admin", "default-roles-company"],
    api: 200,
    email,
    name,
    signOut: "post_logout_redirect_uri",
  },
  { preset: "auth0", roles: [], api: 200, email, name, signOut: "post_logout_redirect_uri" },
  { preset: "okta", roles: ["Everyone", "admin"], api: 200, email, name, signOut: "post_logout_redirect_uri" },
  { preset: "cognito", roles: ["admin"], api: 200, email, name, signOut: "logout_uri" },
  { preset: "zitadel", roles: ["admin"], api: 200, email, name, signOut: "post_logout_redirect_uri" },
  { preset: "apple", roles: [], api: null, email, name: null, signOut: null },
  { preset: "line", roles: [], api: null, email: null, name, signOut: null },
  { preset: "kakao", roles: [], api: null, email, name, signOut: "https://kauth.kakao.com/oauth/logout" },
  { preset: "naver", roles: [], api: null, email: null, name, signOut: null },
  { preset: "gitlab", roles: [], api: null, email, name, signOut: null },
  { preset: "slack", roles: [], api: null, email, name, signOut: null },
];

const privateKey = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

let app: TestApp;
let client: ClientRegistration;
let sibling: Awaited<ReturnType<TestApp["startSibling"]>>;
let browser: HttpBrowser;
beforeAll(async () => {
  app = await shareTestApp();
  const [registered] = await app.control.clients("company");
  client = registered as ClientRegistration;
  const redirectUris = outcomes.map(({ preset }) => `${app.url}/api/auth/callback/${preset}`);
  await app.control.putClient("company", { ...client, redirectUris });
  const variables = outcomes.flatMap(({ preset }) => {
    const prefix = `AUTH_${preset.toUpperCase()}`;
    return Object.entries({ ID: clientId, SECRET: clientSecret, ISSUER: app.issuers.company ?? "" }).map(
      ([suffix, value]) => [`${prefix}_${suffix}`, value] as const,
    );
  });
  sibling = await app.startSibling({
    ...Object.fromEntries(variables),
    AUTH_PROVIDERS: outcomes.map(({ preset }) => preset).join(","),
    AUTH_APPLE_TEAM_ID: "T3AM1D",
    AUTH_APPLE_KEY_ID: "K3Y1D",
    AUTH_APPLE_PRIVATE_KEY: privateKey,
  });
});
beforeEach(async () => {
  await app.control.reset("company");
  // An address belongs to one user, and a user here to one provider.
  await app.rows(`TRUNCATE "User" CASCADE`);
  browser = new HttpBrowser(({ origin }) => (origin === app.url ? sibling.url : null));
});
afterAll(async () => {
  await app.control.reset("company");
  await app.control.putClient("company", client);
  await app.close();
});

/** Signs haneul in. A provider that answers by a form has it sent. */
async function signInBy(preset: HabitsName) {
  const back = await meetProvider(app, browser, await startSignIn(app, browser, { provider: preset }), "haneul");
  const landed = back.location ? back : await browser.submit(back, 'method="post"');
  return browser.request(new URL(landed.location ?? "", app.url).href);
}

describe("a preset, with id, secret and issuer set and nothing else, at a provider as that one's documentation has it", () => {
  it.each(outcomes)("$preset signs people in, with roles, an API's token and a sign-out", async (expected) => {
    const { preset } = expected;
    await app.control.setHabits("company", preset);
    const page = await signInBy(preset);
    expect(page.status, `${page.body.slice(0, 300)}\n${sibling.output().slice(-2000)}`).toBe(303);
    const me = JSON.parse((await browser.fetch(`${app.url}/api/me`)).body);
    expect([me.sub, me.provider, me.user.email]).toEqual(["haneul", preset, expected.email]);
    expect(me.user.name).toBe(expected.name);
    const [session] = await app.rows<{ roles: string[] }>(
      `SELECT roles FROM "Session" WHERE provider = $1 AND "endedAt" IS NULL`,
      [preset],
    );
    expect(session?.roles.toSorted()).toEqual(expected.roles.toSorted());
    if (expected.api !== null) {
      const orders = await browser.fetch(`${app.url}/api/services/shopping/orders`, { headers: own });
      expect(orders.status, `${orders.body.slice(0, 300)}\n${sibling.output().slice(-2000)}`).toBe(expected.api);
    }
    const choices = await browser.request(`${app.url}/sign-out`);
    // Pages may know of a provider what it said some minutes ago: what the sign-out does is what counts.
    const left = await browser.submit(choices, 'data-scope="provider"');
    const target = new URL(left.location ?? "", app.url);
    if (expected.signOut === null) expect(target.pathname).toBe("/signed-out");
    else if (expected.signOut.startsWith("https:")) expect(`${target.origin}${target.pathname}`).toBe(expected.signOut);
    else expect(target.searchParams.get(expected.signOut)).toBe(`${app.url}/signed-out`);
    expect((await browser.fetch(`${app.url}/api/me`)).status).toBe(401);
  });
});
