import { createHash } from "node:crypto";
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, type JWK } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClientRegistration } from "../../../dev/provider/client-registration";
import { count, expectRefused, lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { own } from "../../support/proxied";
import { meetProvider, shareTestApp, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let client: ClientRegistration;
/** One whose provider binds all tokens, and one whose shopping API alone has them bound. */
let bound: Awaited<ReturnType<TestApp["startSibling"]>>;
let partly: Awaited<ReturnType<TestApp["startSibling"]>>;
beforeAll(async () => {
  app = await shareTestApp();
  [client] = (await app.control.clients("company")) as [ClientRegistration];
  bound = await app.startSibling({ AUTH_COMPANY_DPOP: "true" });
  partly = await app.startSibling({ TEST_DPOP: "shopping" });
}, 300_000);
beforeEach(async () => {
  await app.control.reset("company");
  await Promise.all(Object.values(app.services).map(({ control }) => control.reset()));
  await app.rows(`TRUNCATE "User" CASCADE`);
});
afterAll(() => app?.close());

const openBrowser = (instance: { url: string }) =>
  new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null));

async function signedInAt(instance: { url: string; output(): string }): Promise<HttpBrowser> {
  const browser = openBrowser(instance);
  const page = await signIn(app, browser, { user: "haneul" });
  expect(page.location, instance.output().slice(-1500)).toBe(`${app.url}/account`);
  return browser;
}

const shop = (browser: HttpBrowser, init: Parameters<HttpBrowser["fetch"]>[1] = {}) =>
  browser.fetch(`${app.url}/api/services/shopping/orders?page=1`, { headers: own, ...init });
const inStore = (browser: HttpBrowser) =>
  browser.fetch(`${app.url}/api/services/store/inventory`, { headers: { ...own, "X-Organization": "org_hanok" } });

/** What the last requests to a service, or to an endpoint of the provider, proved: the scheme, and the proof. */
function proofIn(headers: Record<string, string | string[] | undefined>) {
  const proof = headers.dpop === undefined ? null : String(headers.dpop);
  const key = proof === null ? null : (decodeProtectedHeader(proof).jwk as JWK);
  return {
    scheme: String(headers.authorization ?? "").split(" ")[0],
    token: String(headers.authorization ?? "").split(" ")[1] ?? "",
    claims: proof === null ? null : decodeJwt(proof),
    key,
  };
}
const callsOf = (service: "shopping" | "store") =>
  app.services[service].control.journal().map(({ rawHeaders }) => {
    const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1]]] : []));
    return proofIn(Object.fromEntries(pairs));
  });
const askedAt = async (endpoint: "token" | "userinfo") =>
  (await app.control.journal("company", { endpoint })).map((entry) => ({ ...entry, ...proofIn(entry.headers) }));

describe("a provider whose tokens are bound to a key", () => {
  it("signs a user in, refreshes and calls an API with one key of the grant's own, each time with a proof of that request", async () => {
    const browser = await signedInAt(bound);
    expect((await shop(browser)).status).toBe(200);
    expect((await inStore(browser)).status).toBe(200);
    const [exchange, ...refreshes] = await askedAt("token");
    expect(refreshes).toHaveLength(2);
    const jkt = await calculateJwkThumbprint(exchange?.key ?? {});
    for (const sent of [exchange, ...refreshes]) {
      expect(sent?.claims).toMatchObject({ htm: "POST", htu: `${app.issuers.company}/token` });
      expect(await calculateJwkThumbprint(sent?.key ?? {})).toBe(jkt);
    }
    const [userInfo] = await askedAt("userinfo");
    const [orders] = callsOf("shopping");
    const htu = `${app.services.shopping.url}/orders`;
    for (const [sent, where] of [
      [userInfo, { htm: "GET", htu: `${app.issuers.company}/userinfo` }],
      [orders, { htm: "GET", htu }],
    ] as const) {
      expect(sent?.scheme).toBe("DPoP");
      const ath = createHash("sha256")
        .update(sent?.token ?? "")
        .digest("base64url");
      expect(sent?.claims).toMatchObject({ ...where, ath });
      expect(await calculateJwkThumbprint(sent?.key ?? {})).toBe(jkt);
    }
    expect(decodeJwt(orders?.token ?? "").cnf).toEqual({ jkt });
    // Each proof comes once, and another grant has another key.
    const jtis = [exchange, ...refreshes, userInfo, orders].map((sent) => sent?.claims?.jti);
    expect(new Set(jtis).size).toBe(jtis.length);
    await signedInAt(bound);
    expect(await calculateJwkThumbprint((await askedAt("token")).at(-1)?.key ?? {})).not.toBe(jkt);
  });

  it("keeps the key sealed in its grant's row, and it opens in no other", async () => {
    const browser = await signedInAt(bound);
    const other = await signedInAt(bound);
    const rows = await app.rows<{ id: string; key: string }>(`SELECT id, "sealedProofKey" AS key FROM "Grant"`);
    expect(rows.map(({ key }) => key.split(".")[0])).toEqual(["v2", "v2"]);
    expect(JSON.stringify(rows)).not.toContain('"d"');
    expect(bound.output()).not.toMatch(/"crv"/);
    await app.rows(`UPDATE "Grant" g SET "sealedProofKey" = o."sealedProofKey" FROM "Grant" o WHERE o.id <> g.id`);
    for (const one of [browser, other]) {
      expect(JSON.parse((await shop(one)).body).error).toBe("reauthentication_required");
    }
    expect((await lastAudit(app, "security.ciphertext"))?.detail).toMatchObject({ column: "proofKey" });
  });

  it("forgets the key with the grant", async () => {
    const browser = await signedInAt(bound);
    await app.rows(`UPDATE "AccessToken" SET "expiresAt" = now()`);
    await app.control.revokeGrants("company", {});
    expect((await shop(browser)).status).toBe(401);
    expect(await app.rows(`SELECT "endReason", "sealedProofKey" FROM "Grant"`)).toEqual([
      { endReason: expect.any(String), sealedProofKey: null },
    ]);
  });

  it("is asked once more where it wants a nonce, and with that nonce from then on", async () => {
    // One that has none of the nonces which the provider gave before it wanted any.
    const fresh = await app.startSibling({ AUTH_COMPANY_DPOP: "true" });
    await app.control.putClient("company", { ...client, wantsNonces: true });
    try {
      const browser = await signedInAt(fresh);
      expect((await shop(browser)).status).toBe(200);
      const asked = await askedAt("token");
      expect(asked.map(({ status }) => status)).toEqual([400, 200, 200]);
      expect(asked.map(({ claims }) => typeof claims?.nonce)).toEqual(["undefined", "string", "string"]);
      expect(fresh.output()).not.toContain("use_dpop_nonce");
      expect((await app.control.counters("company")).refreshes).toBe(1);
    } finally {
      await app.control.putClient("company", client);
    }
  });

  it.each<[what: string, change: Record<string, unknown>, cause: string]>([
    ["that are bound to nothing", { token_type: "Bearer" }, "token_type"],
    ["that are bound to another key", { access_token: tokenOfAnotherKey() }, "cnf"],
  ])("refuses tokens %s, at the sign-in and at a refresh", async (_, set, cause) => {
    const before = await count(app);
    const fault = { kind: "json", set } as const;
    await app.control.addFault("company", { endpoint: "token", fault });
    const browser = openBrowser(bound);
    const back = await meetProvider(app, browser, await startSignIn(app, browser), "haneul");
    const page = await browser.request(back.location ?? "");
    await expectRefused(app, browser, page, { before, code: "invalid_response" });
    expect((await lastAudit(app, "sign_in.failed"))?.detail.cause).toBe(cause);
    const signedIn = await signedInAt(bound);
    await app.control.addFault("company", { endpoint: "token", fault });
    expect(JSON.parse((await shop(signedIn)).body).error).toBe("invalid_response");
    expect((await lastAudit(app, "token.refresh_failed"))?.detail.cause).toBe(cause);
    // The refresh token that came is kept: the next one is good.
    await expect.poll(async () => (await shop(signedIn)).status).toBe(200);
  });

  it("is refreshed once by a crowd, and every call of it has a proof of its own", async () => {
    const browser = await signedInAt(bound);
    const pages = await Promise.all(Array.from({ length: 20 }, () => shop(browser.clone())));
    expect(pages.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect((await askedAt("token")).length).toBe(2);
    const jtis = callsOf("shopping").map(({ claims }) => claims?.jti);
    expect(new Set(jtis).size).toBe(20);
  });
});

describe("an API whose tokens are bound, of a provider whose others are not", () => {
  it("is called with proofs from the first refresh on, and nothing else is", async () => {
    const browser = await signedInAt(partly);
    expect((await shop(browser)).status).toBe(200);
    expect((await inStore(browser)).status).toBe(200);
    expect((await shop(browser)).status).toBe(200);
    expect((await askedAt("token")).map(({ key }) => key !== null)).toEqual([false, true, false]);
    expect((await askedAt("userinfo")).map(({ scheme }) => scheme)).toEqual(["Bearer"]);
    expect(callsOf("shopping").map(({ scheme }) => scheme)).toEqual(["DPoP", "DPoP"]);
    expect(callsOf("store").map(({ scheme, claims }) => [scheme, claims])).toEqual([["Bearer", null]]);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "haneul" });
  });

  it("a nonce that the API wants costs one more call, once, also of a call with a body, and none after that", async () => {
    const browser = await signedInAt(partly);
    const control = app.services.shopping.control;
    control.addFault({ fault: { kind: "nonce", nonce: "n-1" }, times: null });
    const order = { item: "tea", quantity: 1 };
    const headers = { ...own, "Content-Type": "application/json" };
    const sent = await shop(browser, { method: "POST", headers, body: JSON.stringify(order) });
    expect(sent.status, sent.body).toBe(201);
    expect(callsOf("shopping").map(({ claims }) => claims?.nonce)).toEqual([undefined, "n-1"]);
    expect((await shop(browser)).status).toBe(200);
    expect(callsOf("shopping").map(({ claims }) => claims?.nonce)).toEqual([undefined, "n-1", "n-1"]);
    // One token all the while: the nonce was all that was lacking.
    expect(await askedAt("token")).toHaveLength(2);
  });

  it("one that goes on asking for nonces is asked once more, and its answer is the answer", async () => {
    const browser = await signedInAt(partly);
    const headers = { "www-authenticate": 'DPoP error="use_dpop_nonce"', "dpop-nonce": "never-right" };
    app.services.shopping.control.addFault({ fault: { kind: "respond", status: 401, headers }, times: null });
    expect((await shop(browser)).status).toBe(401);
    // It is not the token that it dislikes: none is fetched in its place.
    expect(callsOf("shopping")).toHaveLength(2);
    expect(await askedAt("token")).toHaveLength(2);
  });

  it("a nonce that it wants of an upload too large to be sent again costs that upload, and no refresh", async () => {
    const browser = await signedInAt(partly);
    app.services.shopping.control.addFault({ fault: { kind: "nonce", nonce: "n-2" }, times: null });
    const headers = { ...own, "Content-Type": "application/json" };
    const body = JSON.stringify({ item: "tea".repeat(50_000), quantity: 1 });
    expect((await shop(browser, { method: "POST", headers, body })).status).toBe(401);
    expect(callsOf("shopping")).toHaveLength(1);
    expect((await shop(browser)).status).toBe(200);
    expect(callsOf("shopping").at(-1)?.claims?.nonce).toBe("n-2");
    expect(await askedAt("token")).toHaveLength(2);
  });

  it("a browser's own proof, and one in a page's call, go nowhere", async () => {
    const browser = await signedInAt(partly);
    expect((await shop(browser, { headers: { ...own, DPoP: "x", "DPoP-Nonce": "y" } })).status).toBe(200);
    expect(callsOf("shopping")[0]?.claims).toMatchObject({ htm: "GET" });
  });
});

it("without a word of it in configuration no request has a proof, and no row a key", async () => {
  const browser = await signedInAt(app.instance);
  const page = await browser.fetch(`${app.url}/api/services/shopping/orders`, { headers: own });
  expect(page.status).toBe(200);
  expect((await askedAt("token")).map(({ key }) => key)).toEqual([null, null]);
  expect(callsOf("shopping").map(({ scheme, key }) => [scheme, key])).toEqual([["Bearer", null]]);
  expect(await app.rows(`SELECT "sealedProofKey" FROM "Grant"`)).toEqual([{ sealedProofKey: null }]);
});

/** A JWT that says that it is bound, to a key that nobody has. */
function tokenOfAnotherKey(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part({ cnf: { jkt: "another" } })}.c2ln`;
}
