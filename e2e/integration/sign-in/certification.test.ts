import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Fault } from "../../../dev/provider/faults";
import type { Mutation } from "../../../dev/provider/tokens/forge";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { logoutForm, newestSession, post } from "../../support/logout-channel";
import { clientId, meetProvider, shareTestApp, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

/*
 * The modules of the OpenID Foundation's certification of relying parties, by their names: basic, configuration, RP-initiated
 * and back-channel logout. One configuration serves them all, and it has no other switch than the client's one algorithm.
 */

let app: TestApp;
let url: string;
beforeAll(async () => {
  app = await shareTestApp();
  const sibling = await app.startSibling({ AUTH_COMPANY_ID_TOKEN_ALG: "RS256" });
  url = sibling.url;
});
beforeEach(() => app.control.reset("company"));
afterAll(async () => {
  await app.control.reset("company");
  await app.close();
});

const newBrowser = () => new HttpBrowser(({ origin }) => (origin === app.url ? url : null));
const fault = (endpoint: "token" | "userinfo" | "discovery", fault: Fault) =>
  app.control.addFault("company", { endpoint, fault });
const idToken = (change: Partial<Mutation>) =>
  fault("token", { kind: "id_token", signWith: "issuer", header: {}, setClaims: {}, removeClaims: [], ...change });

async function expectAccepted(browser = newBrowser()): Promise<HttpBrowser> {
  const page = await signIn(app, browser);
  expect(page.status, page.body.slice(0, 300)).toBe(303);
  expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
  return browser;
}

/** Nobody is signed in, and the log says why. */
async function expectRejected(cause: RegExp): Promise<void> {
  const browser = newBrowser();
  await signIn(app, browser);
  expect(await whoIs(app, browser)).toBeNull();
  expect((await lastAudit(app, "sign_in.failed"))?.detail.cause).toMatch(cause);
}

describe("the basic profile", () => {
  it("oidcc-client-test, oidcc-client-test-idtoken-sig-rs256: a sign-in is accepted", async () => {
    await expectAccepted();
  });

  it("oidcc-client-test-client-secret-basic: the client authenticates in the header", async () => {
    await expectAccepted();
    const [request] = await app.control.journal("company", { endpoint: "token" });
    expect(request?.headers.authorization).toMatch(/^Basic /);
    expect(request?.form).not.toHaveProperty("client_secret");
  });

  it("oidcc-client-test-scope-userinfo-claims: claims of the scopes are read from userinfo", async () => {
    await idToken({ removeClaims: ["name", "email", "email_verified"] });
    const browser = await expectAccepted();
    const [request] = await app.control.journal("company", { endpoint: "userinfo" });
    expect(request?.headers.authorization).toMatch(/^Bearer /);
    const { user } = JSON.parse((await browser.fetch(`${app.url}/api/me`)).body);
    expect(user).toMatchObject({ name: expect.any(String), email: "minsu@company.example" });
  });

  it("oidcc-client-test-kid-absent-single-jwks: a token that names no key is verified by the only one", async () => {
    await idToken({ header: { kid: null } });
    await expectAccepted();
  });

  it("oidcc-client-test-kid-absent-multiple-jwks: a token that names no key is verified by the one that fits", async () => {
    await app.control.rotateKeys("company", { keepOld: true });
    await expectAccepted();
    await idToken({ header: { kid: null } });
    await expectAccepted();
  });

  it.each<[module: string, change: Partial<Mutation>, cause: RegExp]>([
    ["oidcc-client-test-nonce-invalid", { setClaims: { nonce: "another" } }, /^nonce$/],
    ["oidcc-client-test-invalid-iss", { setClaims: { iss: "https://other.example" } }, /^iss$/],
    ["oidcc-client-test-missing-sub", { removeClaims: ["sub"] }, /^sub$/],
    ["oidcc-client-test-invalid-aud", { setClaims: { aud: "another" } }, /^aud$/],
    ["oidcc-client-test-missing-aud", { removeClaims: ["aud"] }, /^aud$/],
    ["oidcc-client-test-missing-iat", { removeClaims: ["iat"] }, /^iat$/],
    ["oidcc-client-test-idtoken-sig-none", { signWith: "none" }, /^(?:alg|malformed)$/],
    ["oidcc-client-test-invalid-sig-rs256", { signWith: "broken" }, /^signature$/],
  ])("%s: the ID token is rejected", async (_module, change, cause) => {
    await idToken(change);
    await expectRejected(cause);
  });

  it("oidcc-client-test-userinfo-invalid-sub: userinfo of another subject is rejected", async () => {
    await fault("userinfo", { kind: "userinfo", setClaims: { sub: "another" }, removeClaims: [] });
    await expectRejected(/^userinfo_sub$/);
  });
});

describe("the configuration profile", () => {
  it("oidcc-client-test-discovery-openid-config, oidcc-client-test-discovery-jwks-uri-keys: metadata and keys are fetched", async () => {
    await app.control.rotateKeys("company", { keepOld: false });
    await expectAccepted();
    const asked = (await app.control.journal("company")).map(({ endpoint }) => endpoint);
    expect(asked).toEqual(expect.arrayContaining(["discovery", "jwks"]));
  });

  it("oidcc-client-test-discovery-issuer-mismatch: nobody is sent to a provider whose metadata names another issuer", async () => {
    await fault("discovery", { kind: "json", set: { issuer: "https://other.example" }, remove: [] });
    const page = await startSignIn(app, newBrowser());
    expect(page.location).toContain("error=provider_misconfigured");
    expect((await lastAudit(app, "sign_in.failed"))?.detail.cause).toBe("issuer");
  });

  it("oidcc-client-test-signing-key-rotation, …-just-before-signing: a key that was not there before is found", async () => {
    const browser = newBrowser();
    const back = await meetProvider(app, browser, await startSignIn(app, browser), "minsu");
    await app.control.rotateKeys("company", { keepOld: false });
    expect((await browser.request(back.location ?? "")).status).toBe(303);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
  });
});

describe("RP-initiated logout", () => {
  it.each<[module: string, change: (back: URL) => void]>([
    ["oidcc-client-test-rp-init-logout", () => {}],
    ["oidcc-client-test-rp-init-logout-other-state", (back) => back.searchParams.set("state", "another")],
    ["oidcc-client-test-rp-init-logout-no-state", (back) => back.searchParams.delete("state")],
  ])("%s: the session here is over whatever comes back, and a page says what ended", async (_module, change) => {
    const browser = await expectAccepted();
    const left = await browser.submit(await browser.request(`${app.url}/sign-out`), 'data-scope="provider"');
    const asked = new URL(left.location ?? "").searchParams;
    expect([asked.get("post_logout_redirect_uri"), Boolean(asked.get("id_token_hint"))]).toEqual([
      `${app.url}/signed-out`,
      true,
    ]);
    const came = await browser.visit(left.location ?? "", {}, (target) => !target.startsWith(app.url));
    // It loads what apps have registered for the front channel first, and then goes on.
    const next = /id="next" href="([^"]+)"/.exec(came.body)?.[1]?.replaceAll("&amp;", "&");
    const back = new URL(came.location ?? next ?? "");
    change(back);
    expect((await browser.request(back.href)).status).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
  });
});

describe("back-channel logout", () => {
  it.each<[module: string, status: number, mutate: Partial<Mutation>]>([
    ["oidcc-client-test-rp-backchannel-rpinitlogout", 200, {}],
    ["oidcc-client-test-rp-backchannel-rpinitlogout-alg-none", 400, { signWith: "none" }],
    ["oidcc-client-test-rp-backchannel-rpinitlogout-no-event", 400, { removeClaims: ["events"] }],
    ["oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce", 400, { setClaims: { nonce: "n" } }],
    ["oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg", 400, { signWith: "es256" }],
    ["oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud", 400, { setClaims: { aud: "another" } }],
    ["oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event", 400, { setClaims: { events: { other: {} } } }],
    ["oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss", 400, { setClaims: { iss: "https://other.example" } }],
  ])("%s is answered %i", async (_module, status, mutate) => {
    const browser = await expectAccepted();
    const { providerSessionId: sid } = await newestSession(app, "minsu");
    const { logoutToken } = await app.control.backchannelLogout("company", {
      clientId,
      sub: "minsu",
      sid,
      mutate,
      deliver: false,
    });
    const answer = await post(url, "company", logoutForm(logoutToken));
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([status, expect.stringContaining("no-store")]);
    expect((await whoIs(app, browser)) === null).toBe(status === 200);
  });
});
