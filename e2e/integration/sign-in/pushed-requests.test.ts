import { generateKeyPairSync } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startConnecting } from "../../support/connecting";
import { count, expectLogged, expectRefused, lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { type StrictProvider, startStrictProvider } from "../../support/strict-provider";
import {
  clientId,
  clientSecret,
  shareTestApp,
  signedIn,
  signIn,
  startSignIn,
  type TestApp,
  whoIs,
} from "../../support/test-app";

type Fault = Parameters<TestApp["control"]["addFault"]>[1]["fault"];

const endpoint = "pushed_authorization_request";

let app: TestApp;
let strict: StrictProvider;
let instance: Awaited<ReturnType<TestApp["startSibling"]>>;
beforeAll(async () => {
  app = await shareTestApp();
  strict = await startStrictProvider();
  const of = (id: string, told: Record<string, string>) =>
    Object.fromEntries(Object.entries(told).map(([name, value]) => [`AUTH_${id}_${name}`, value]));
  const common = { ID: "app-1", ISSUER: strict.issuer, ID_TOKEN_ALG: "ES256" };
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });
  instance = await app.startSibling({
    AUTH_PROVIDERS: "company,signing,posting,open",
    AUTH_COMPANY_PUSHED_AUTHORIZATION: "true",
    OUTBOUND_TIMEOUT_MS: "1500",
    ...of("SIGNING", { ...common, CLIENT_AUTH: "private_key_jwt", PRIVATE_KEY: String(pem) }),
    ...of("POSTING", { ...common, CLIENT_AUTH: "client_secret_post", SECRET: clientSecret }),
    ...of("OPEN", { ...common, CLIENT_AUTH: "none" }),
  });
}, 300_000);
beforeEach(async () => {
  await app.control.reset("company");
  Object.assign(strict, { metadata: required(), tokenRequests: [], pushedRequests: [] });
});
afterAll(async () => {
  await strict?.stop();
  await app?.close();
});

const required = () => ({
  require_pushed_authorization_requests: true,
  pushed_authorization_request_endpoint: `${strict.origin}/par`,
});
const openBrowser = () => new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null));
const namesIn = (page: Page) => [...new URL(page.location ?? "").searchParams.keys()].sort();

describe("a provider that configuration has authorization requests pushed to", () => {
  it("FF-41: signs a user in whose browser carried a reference, and nothing of what was asked for", async () => {
    const browser = openBrowser();
    const started = await startSignIn(app, browser, { extra: { login_hint: "minsu@company.example" } });
    expect(namesIn(started)).toEqual(["client_id", "request_uri"]);
    const [pushed] = await app.control.journal("company", { endpoint });
    expect(pushed?.headers.authorization).toBe(`Basic ${btoa(`${clientId}:${clientSecret}`)}`);
    expect(pushed?.form).toMatchObject({
      client_id: clientId,
      response_type: "code",
      redirect_uri: `${app.url}/api/auth/callback/company`,
      code_challenge_method: "S256",
      login_hint: "minsu@company.example",
    });
    expect(pushed?.form.resource).toEqual(["https://shopping.example/api", "https://store.example/api"]);
    const other = openBrowser();
    expect((await signIn(app, other)).status).toBe(303);
    expect((await whoIs(app, other))?.sub).toBe("minsu");
  });

  it.each<[fault: Fault, code: string, cause: string]>([
    [{ kind: "reset" }, "provider_unavailable", "connection"],
    [{ kind: "hang" }, "provider_timeout", "deadline"],
    [{ kind: "respond", status: 503 }, "provider_unavailable", "status_503"],
    [
      { kind: "respond", status: 302, headers: { location: "http://127.0.0.1:9" } },
      "provider_misconfigured",
      "redirect",
    ],
    [{ kind: "respond", status: 401, json: { error: "invalid_client" } }, "provider_misconfigured", "invalid_client"],
    [{ kind: "respond", status: 400, json: { error: "invalid_request" } }, "provider_error", "invalid_request"],
    [{ kind: "respond", status: 200, json: { request_uri: "urn:a" } }, "invalid_response", "status_200"],
    [{ kind: "respond", status: 201, json: { expires_in: 60 } }, "invalid_response", "request_uri"],
    [{ kind: "flood", bytes: null }, "invalid_response", "size"],
  ])("FF-41: %j sends nobody away, sets nothing, and says %s", async (fault, code, cause) => {
    const before = await count(app);
    await app.control.addFault("company", { endpoint, fault });
    const browser = openBrowser();
    const started = await startSignIn(app, browser);
    await expectRefused(app, browser, started, { before, code, tokenRequests: 0 });
    expect((await lastAudit(app, "sign_in.failed"))?.detail.cause).toBe(cause);
    expect(browser.setCookies.join()).not.toContain(".tx.");
  });

  it("FF-35: is heard by the operator where it refuses a request", async () => {
    const json = { error: "invalid_scope", error_description: "scope orders is not assigned" };
    await app.control.addFault("company", { endpoint, fault: { kind: "respond", status: 400, json } });
    const started = await startSignIn(app, openBrowser());
    expect(started.location).toContain("error=provider_error");
    await expectLogged(instance, "scope orders is not assigned");
  });
});

describe("a provider whose metadata requires pushed requests", () => {
  it.each(["signing", "posting", "open"])("FF-41: signs a user in of a client that is %s", async (id) => {
    const browser = openBrowser();
    const started = await startSignIn(app, browser, { provider: id });
    expect(namesIn(started)).toEqual(["client_id", "request_uri"]);
    const answer = strict.authorize(started.location ?? "");
    expect((await browser.request(`${app.url}/api/auth/callback/${id}?${answer}`)).status).toBe(303);
    expect((await whoIs(app, browser))?.sub).toBe("user-1");
    const [pushed] = strict.pushedRequests;
    const [exchange] = strict.tokenRequests;
    expect(pushed?.body.code_challenge).toMatch(/^[\w-]{43}$/);
    for (const sent of [pushed, exchange]) {
      expect([sent?.authorization, sent?.body.client_id]).toEqual([null, "app-1"]);
      expect(sent?.body.client_secret).toBe(id === "posting" ? clientSecret : undefined);
      expect(sent?.body.client_assertion !== undefined).toBe(id === "signing");
    }
    if (id !== "signing") return;
    const keys = await (await fetch(`${instance.url}/api/oidc/signing/jwks`)).json();
    const assertion = pushed?.body.client_assertion ?? "";
    await jwtVerify(assertion, createLocalJWKSet(keys), { issuer: "app-1", audience: strict.issuer });
  });

  it("FF-41: gets no secret on another host, and sends nobody away", async () => {
    strict.metadata = { ...required(), pushed_authorization_request_endpoint: "https://elsewhere.example/par" };
    const started = await startSignIn(app, openBrowser(), { provider: "posting" });
    expect(started.location).toContain("error=provider_misconfigured");
    expect((await lastAudit(app, "sign_in.failed"))?.detail.cause).toBe("endpoint_host");
    // One that nobody asks keeps nobody out.
    strict.metadata = { pushed_authorization_request_endpoint: "https://elsewhere.example/par" };
    const plain = await startSignIn(app, openBrowser(), { provider: "posting" });
    expect(namesIn(plain)).toContain("code_challenge");
  });
});

it("FF-41: a service whose authorization server requires pushed requests is connected by one", async () => {
  const set = { require_pushed_authorization_requests: true };
  await app.control.addFault("notes", { endpoint: "discovery", times: null, fault: { kind: "json", set } });
  const browser = await signedIn(app);
  const started = await startConnecting(app, browser);
  expect(namesIn(started)).toEqual(["client_id", "request_uri"]);
  const [pushed] = await app.control.journal("notes", { endpoint });
  expect(pushed?.form).toMatchObject({ redirect_uri: `${app.url}/api/connect/notes/callback`, prompt: "consent" });
  await app.control.addFault("notes", { endpoint, fault: { kind: "respond", status: 503 } });
  const refused = await startConnecting(app, browser);
  expect(new URL(refused.location ?? "").searchParams.get("code")).toBe("provider_unavailable");
  await app.control.reset("notes");
});
