import { generateKeyPairSync } from "node:crypto";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectLogged, lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { type StrictProvider, startStrictProvider } from "../../support/strict-provider";
import { shareTestApp, startSignIn, type TestApp, whoIs } from "../../support/test-app";

const pem = () =>
  String(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }));

let app: TestApp;
let signing: StrictProvider;
let posting: StrictProvider;
let moved: StrictProvider;
let instance: Awaited<ReturnType<TestApp["startSibling"]>>;
beforeAll(async () => {
  app = await shareTestApp();
  signing = await startStrictProvider({ issuerPath: "/policy/v2.0", discoveryPath: "/discovery/policy" });
  posting = await startStrictProvider();
  moved = await startStrictProvider();
  instance = await app.startSibling({
    AUTH_PROVIDERS: "signing,apple,moved",
    AUTH_SIGNING_ID: "app-1",
    AUTH_SIGNING_ISSUER: signing.issuer,
    AUTH_SIGNING_DISCOVERY_URL: `${signing.origin}/discovery/policy`,
    AUTH_SIGNING_CLIENT_AUTH: "private_key_jwt",
    AUTH_SIGNING_PRIVATE_KEY: pem(),
    AUTH_SIGNING_PRIVATE_KEY_1: pem().replaceAll("\n", "\\n"),
    AUTH_SIGNING_ID_TOKEN_ALG: "ES256",
    AUTH_APPLE_ID: "app.web",
    AUTH_APPLE_ISSUER: posting.issuer,
    AUTH_APPLE_ID_TOKEN_ALG: "ES256",
    AUTH_APPLE_TEAM_ID: "TEAM",
    AUTH_APPLE_KEY_ID: "KEY",
    AUTH_APPLE_PRIVATE_KEY: pem(),
    AUTH_MOVED_ID: "app-1",
    AUTH_MOVED_ISSUER: moved.issuer,
    AUTH_MOVED_CLIENT_AUTH: "none",
    AUTH_MOVED_FORMER_ISSUER: "https://former.example",
  });
}, 300_000);
beforeEach(() => {
  for (const provider of [signing, posting, moved])
    Object.assign(provider, { metadata: {}, claims: {}, tokens: {}, refusal: null, tokenRequests: [] });
});
afterAll(async () => {
  await Promise.all([signing, posting, moved].map((provider) => provider?.stop()));
  await app?.close();
});

const openBrowser = () => new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null));

/** Goes to the provider and comes back with what it answers, changed by the test. */
async function finishSignIn(
  browser: HttpBrowser,
  provider: StrictProvider,
  id: string,
  change: (answer: URLSearchParams) => URLSearchParams = (same) => same,
): Promise<Page> {
  const started = await startSignIn(app, browser, { provider: id });
  expect(started.status, started.body.slice(0, 300)).toBe(302);
  const answer = change(provider.authorize(started.location ?? ""));
  return browser.request(`${app.url}/api/auth/callback/${id}?${answer}`);
}

describe("a provider that knows this client by its key", () => {
  it("FF-36, FF-41: signs a user in whose client proves itself by an assertion that the keys of this app verify", async () => {
    const browser = openBrowser();
    expect((await finishSignIn(browser, signing, "signing")).status).toBe(303);
    expect((await whoIs(app, browser))?.sub).toBe("user-1");
    const published = await fetch(`${instance.url}/api/oidc/signing/jwks`);
    expect(published.headers.get("cache-control")).toBe("public, max-age=300");
    const keySet = await published.json();
    expect(keySet.keys).toHaveLength(2);
    expect(JSON.stringify(keySet)).not.toContain('"d":');
    const [request] = signing.tokenRequests;
    expect([request?.authorization, request?.body.client_secret]).toEqual([null, undefined]);
    const assertion = request?.body.client_assertion ?? "";
    await jwtVerify(assertion, createLocalJWKSet(keySet), { issuer: "app-1", audience: signing.issuer });
    expect(decodeProtectedHeader(assertion).kid).toBe(keySet.keys[0].kid);
    expect((await fetch(`${instance.url}/api/oidc/moved/jwks`)).status).toBe(404);
  });

  it.each([
    [{ id_token_signing_alg_values_supported: ["RS256"] }, "id_token_alg"],
    [{ require_pushed_authorization_requests: true }, "pushed_authorization_requests"],
  ])("FF-40, FF-41: that wants %j sends nobody away, and the operator reads why", async (metadata, cause) => {
    signing.metadata = metadata;
    const started = await startSignIn(app, openBrowser(), { provider: "signing" });
    expect(started.location).toContain("error=provider_misconfigured");
    expect(started.location).not.toContain(signing.origin);
    expect((await lastAudit(app, "sign_in.failed"))?.detail.cause).toBe(cause);
  });

  it("FF-35: says in the log what it has to say, and nothing that could be a token or an address", async () => {
    const secret = "x".repeat(50);
    signing.refusal = {
      error: "invalid_grant",
      error_description: `AADSTS7000 bad \u202ecode ${secret} of a@b.example`,
    };
    const page = await finishSignIn(openBrowser(), signing, "signing");
    expect(new URL(page.location ?? "", app.url).searchParams.get("code")).toBe("provider_error");
    await expectLogged(instance, /AADSTS7000 bad \\\\u202ecode \[…\] of \[…\]/);
    expect(instance.output()).not.toContain(secret);
    const refused = (answer: URLSearchParams) => {
      answer.delete("code");
      answer.set("error", "access_denied");
      answer.set("error_description", "The policy wants a managed device.");
      return answer;
    };
    const back = await finishSignIn(openBrowser(), signing, "signing", refused);
    expect(back.location).not.toContain("policy wants");
    await expectLogged(instance, "The policy wants a managed device.");
  });
});

describe("an access token of more than 16 KB", () => {
  it("FF-49: costs no sign-in, and nothing of it is kept", async () => {
    signing.tokens = { access_token: "a".repeat(17_000) };
    const before = await app.rows(`SELECT id FROM "AccessToken"`);
    const browser = openBrowser();
    expect((await finishSignIn(browser, signing, "signing")).status).toBe(303);
    expect((await whoIs(app, browser))?.sub).toBe("user-1");
    expect(await app.rows(`SELECT id FROM "AccessToken"`)).toEqual(before);
  });
});

describe("a provider that posts its answer", () => {
  const post = (answer: URLSearchParams, id = "apple") =>
    fetch(`${instance.url}/api/auth/callback/${id}`, {
      method: "POST",
      headers: { Origin: posting.origin, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" },
      body: answer,
      redirect: "manual",
    });

  it("FF-38: has the user signed in by the browser's next request, with the name that came along shown", async () => {
    const browser = openBrowser();
    const started = await startSignIn(app, browser, { provider: "apple" });
    const answer = posting.authorize(started.location ?? "");
    expect(posting.asked.get("response_mode")).toBe("form_post");
    answer.set("user", JSON.stringify({ name: { firstName: "Minsu", lastName: "Kim" }, email: "x@y.example" }));
    answer.set("id_token", "unasked");
    const sentOn = await post(answer);
    expect([sentOn.status, sentOn.headers.getSetCookie()]).toEqual([303, []]);
    const next = new URL(sentOn.headers.get("location") ?? "", app.url);
    expect([...next.searchParams.keys()]).toEqual(["code", "state", "user"]);
    expect(next.href).not.toMatch(/Minsu|example/);
    expect((await browser.request(next.href)).status).toBe(303);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "user-1" });
    expect(await app.rows(`SELECT name, email FROM "User" WHERE name = 'Minsu Kim'`)).toHaveLength(1);
    const [request] = posting.tokenRequests;
    expect(request?.authorization).toBeNull();
    expect(decodeProtectedHeader(request?.body.client_secret ?? "")).toEqual({ alg: "ES256", kid: "KEY" });
  });

  it("FF-38: has nobody signed in by what a stranger posts, and is the only kind that may post at all", async () => {
    const sentOn = await post(new URLSearchParams({ code: "c", state: "stranger" }));
    const page = await openBrowser().request(new URL(sentOn.headers.get("location") ?? "", app.url).href);
    expect(new URL(page.location ?? "", app.url).searchParams.get("code")).toBe("state_mismatch");
    const twice = new URLSearchParams([
      ["state", "a"],
      ["state", "b"],
    ]);
    expect(await (await post(twice)).json()).toMatchObject({ error: "invalid_request" });
    const long = new URLSearchParams({ state: "s", code: "c".repeat(20_000) });
    expect(await (await post(long)).json()).toMatchObject({ error: "payload_too_large" });
    expect((await post(new URLSearchParams({ state: "s" }), "moved")).status).toBe(405);
  });
});

describe("a provider whose issuer has changed", () => {
  it("FF-47: has the same users as before where the operator says so, and an error that says how where not", async () => {
    const browser = openBrowser();
    expect((await finishSignIn(browser, moved, "moved")).status).toBe(303);
    expect(moved.tokenRequests[0]).toMatchObject({ authorization: null, body: { client_id: "app-1" } });
    const user = (await whoIs(app, browser))?.user.id;
    await app.rows(`UPDATE "Account" SET issuer = 'https://former.example' WHERE provider = 'moved'`);
    const again = openBrowser();
    expect((await finishSignIn(again, moved, "moved")).status).toBe(303);
    expect((await whoIs(app, again))?.user.id).toBe(user);
    expect((await lastAudit(app, "provider.moved"))?.detail).toEqual({ from: "https://former.example" });
    await app.rows(`UPDATE "Account" SET issuer = 'https://another.example' WHERE provider = 'moved'`);
    const refused = await finishSignIn(openBrowser(), moved, "moved");
    expect(new URL(refused.location ?? "", app.url).searchParams.get("code")).toBe("account_not_linked");
    await expectLogged(instance, "AUTH_MOVED_FORMER_ISSUER");
  });
});
