import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClientRegistration } from "../../../dev/provider/client-registration";
import { beginFlow, discover, startRelyingParty } from "../../../dev/provider/testing/relying-party";
import { apiClient } from "../../support/api-client";
import { openExtendedApp } from "../../support/extension/extended-app";
import { clientId, signedIn, type TestApp, whoIs } from "../../support/test-app";

// Tokens that say nothing themselves, as Hydra gives them by default: the provider is asked about each (RFC 7662).

let app: TestApp;
let client: ReturnType<typeof apiClient>;
beforeAll(async () => {
  app = await openExtendedApp();
  client = apiClient(app);
}, 240_000);
afterEach(async () => {
  await app.control.clearFaults("company");
  // What one test did wrong is not to be counted against the next.
  await app.rows(`DELETE FROM "RateLimit"`);
});
afterAll(() => app?.close());

const asked = () => app.control.journal("company", { endpoint: "introspection" });

// A phone's own client, which knows nothing of this app but the name of its API.
let phone: Awaited<ReturnType<typeof startRelyingParty>>;
let own: ClientRegistration;
beforeAll(async () => {
  phone = await startRelyingParty("phone");
  await app.control.putClient("company", { ...phone.registration, opaqueAccessTokens: true });
  own = (await app.control.clients("company")).find((one) => one.clientId === clientId) as ClientRegistration;
  await app.control.putClient("company", { ...own, introspectsAnyToken: true });
});
beforeEach(async () => {
  // Known users alone count there.
  await signedIn(app, { user: "haneul" });
  await app.control.clearJournal("company");
});
afterAll(async () => {
  await app?.control.putClient("company", own);
  await app?.control.removeClient("company", "phone");
  await phone?.stop();
});

/** An access token that the provider gives to the phone, for the shopping API, once its user has signed in there. */
async function tokenOf(user: string): Promise<string> {
  const { origin, registration } = phone;
  const callback = `${origin}/callback`;
  const config = await discover(app.issuers.company ?? "", registration);
  const resource = "https://shopping.example/api";
  const flow = await beginFlow(config, callback, { resource, scope: "openid shopping:read" });
  const page = await flow.browser.open(flow.start, { stopBefore: callback });
  const visit = await flow.browser.submit(page, `data-person="${user}"`, {}, { stopBefore: callback });
  const { access_token: token } = await flow.finish(visit.url, { resource });
  expect(token).not.toContain(".");
  return token;
}

describe("a client with an opaque access token", () => {
  it("is let in once the provider says that it is active, for this API, and whose it is", async () => {
    const me = await whoIs(app, await signedIn(app, { user: "haneul" }));
    const token = await tokenOf("haneul");
    const answered = await client.call(`Bearer ${token}`, { path: "shopping" });
    expect([answered.status, answered.json]).toEqual([
      200,
      expect.objectContaining({
        by: "token",
        user: me?.user.id,
        token: expect.objectContaining({ provider: "company", subject: "haneul", clientId: "phone", isBound: false }),
      }),
    ]);
    expect(answered.json.token.scopes).toContain("shopping:read");
    // The answer is at hand for a while: ten more calls ask nothing.
    for (const { status } of await Promise.all(
      Array.from({ length: 10 }, () => client.call(`Bearer ${token}`, { path: "shopping" })),
    )) {
      expect(status).toBe(200);
    }
    expect(await asked()).toHaveLength(1);
    expect(app.instance.output()).not.toContain(token);
  });

  it("is asked about once by all who bring it at the same moment", async () => {
    const token = await tokenOf("haneul");
    const together = await Promise.all(
      Array.from({ length: 8 }, () => client.call(`Bearer ${token}`, { path: "shopping" })),
    );
    expect(together.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await asked()).toHaveLength(1);
  });

  it("is refused for another API, for one that the route's scopes are not of, and once it is revoked", async () => {
    const token = await tokenOf("haneul");
    const elsewhere = await client.call(`Bearer ${token}`);
    expect([elsewhere.status, elsewhere.challenge]).toEqual([401, client.refusal("invalid_token")]);
    const narrow = { kind: "json", set: { scope: "other:read" } } as const;
    await app.control.addFault("company", { endpoint: "introspection", times: null, fault: narrow });
    // What it said of the token before is not kept by a fresh instance.
    const fresh = await app.startSibling();
    const scoped = await client.call(`Bearer ${token}`, { path: "shopping", at: fresh.url });
    expect([scoped.status, scoped.challenge]).toEqual([403, expect.stringContaining('error="insufficient_scope"')]);
    await app.control.clearFaults("company");
    await app.control.revokeGrants("company", { sub: "haneul" });
    const other = await app.startSibling();
    const revoked = await client.call(`Bearer ${token}`, { path: "shopping", at: other.url });
    expect([revoked.status, revoked.challenge?.includes("invalid_token")]).toEqual([401, true]);
  });

  it("is told to come again while the provider cannot be asked", async () => {
    const token = await tokenOf("haneul");
    const away = { kind: "respond", status: 503 } as const;
    await app.control.addFault("company", { endpoint: "introspection", times: null, fault: away });
    const answered = await client.call(`Bearer ${token}`, { path: "shopping" });
    expect([answered.status, answered.json.error, answered.challenge]).toEqual([503, "provider_unavailable", null]);
    await app.control.clearFaults("company");
    await expect.poll(async () => (await client.call(`Bearer ${token}`, { path: "shopping" })).status).toBe(200);
  });

  it("is refused at once when its user is disabled, whatever the provider said a moment ago", async () => {
    const token = await tokenOf("haneul");
    expect((await client.call(`Bearer ${token}`, { path: "shopping" })).status).toBe(200);
    const me = await whoIs(app, await signedIn(app, { user: "haneul" }));
    const disable = (at: string) => app.rows(`UPDATE "User" SET "disabledAt" = ${at} WHERE id = $1`, [me?.user.id]);
    await disable("now()");
    expect((await client.call(`Bearer ${token}`, { path: "shopping" })).status).toBe(401);
    await disable("NULL");
    expect((await client.call(`Bearer ${token}`, { path: "shopping" })).status).toBe(200);
  });
});

it("a client is refused with the user's own ID token, and with the opaque token of their userinfo", async () => {
  await signedIn(app, { user: "jiwoo" });
  const issued = (await app.control.issued("company")).reverse();
  const idToken = issued.find(({ idToken }) => idToken)?.idToken;
  const opaque = issued.flatMap(({ accessToken }) => accessToken ?? []).find((token) => !token.includes("."));
  for (const token of [idToken, opaque]) {
    expect(token).toEqual(expect.any(String));
    expect((await client.call(`Bearer ${token}`)).challenge).toBe(client.refusal("invalid_token"));
  }
  // The second was asked about, by this app's own client.
  expect(await asked()).not.toEqual([]);
});
