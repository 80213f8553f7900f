import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRuleInput } from "../../../dev/provider/control-client";
import type { RunningApp } from "../../../dev/run/app";
import { expectLogged, lastAudit } from "../../support/expectations";
import type { HttpBrowser } from "../../support/http-browser";
import { signedIn, type TestApp, whoIs } from "../../support/test-app";
import {
  clearSpoils,
  expectWholeGrants,
  expireTokens,
  grantOf,
  openTokenApp,
  type Probed,
  probe,
  refreshes,
  shopping,
  spoilRefresh,
  store,
  type Target,
  withExpiredTokens,
} from "../../support/token-app";

type Fault = FaultRuleInput["fault"];

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  ({ app, sibling } = await openTokenApp());
}, 240_000);
afterEach(async () => {
  await clearSpoils(app);
  await app.control.resetUsers("company");
  await expectWholeGrants(app);
});
afterAll(() => app?.close());

/** What becomes of minsu's refresh when the provider answers it like that. */
async function refreshWith(fault: Fault, target: Target = {}): Promise<{ browser: HttpBrowser; answered: Probed }> {
  const browser = await withExpiredTokens(app, "minsu", [target]);
  await spoilRefresh(app, fault);
  return { browser, answered: await probe(app.url, browser, target) };
}

const json = (set: Record<string, unknown>): Fault => ({ kind: "json", set });
const secondsFrom = (answered: Probed) => (Date.parse(answered.tokens[0]?.expiresAt ?? "") - Date.now()) / 1000;

describe("a refreshed ID token of somebody else", () => {
  it.each([
    ["another person's", { sub: "haneul" }],
    ["another issuer's", { iss: "https://evil.test" }],
    ["another person's, and signed by a stranger", { sub: "haneul" }, "other-key"],
    ["another issuer's, and signed by nobody", { iss: "https://evil.test" }, "none"],
  ] as [string, Record<string, string>, ("other-key" | "none")?][])(
    "(%s) ends the session on both processes at once, and leaves nothing of what came",
    async (_, setClaims, signWith = undefined) => {
      const elsewhere = await signedIn(app, { user: "minsu" });
      const { browser, answered } = await refreshWith(
        { kind: "id_token", setClaims, ...(signWith && { signWith }) },
        { resource: shopping },
      );
      expect(answered).toMatchObject({ status: 401, error: "reauthentication_required" });
      for (const base of [sibling.url, app.url]) expect((await browser.fetch(`${base}/api/me`)).status).toBe(401);
      expect(await grantOf(app, "minsu")).toMatchObject({
        endReason: "identity_switch",
        sealedRefreshToken: null,
        sealedIdToken: null,
        tokens: 0,
      });
      expect(await lastAudit(app, "security.identity_switch")).toMatchObject({
        outcome: "failure",
        reason: "identity_mismatch",
        userId: expect.any(String),
        sessionHash: expect.any(String),
        provider: "company",
      });
      // Neither the refresh token that the session had nor the one that came for somebody else is left at the provider.
      const came = (await app.control.issued("company")).at(-1)?.refreshToken;
      const given = async () =>
        (await app.control.journal("company", { endpoint: "revocation" })).map(({ form }) => form.token);
      await expect.poll(given).toContain(came);
      expect((await probe(app.url, elsewhere, { resource: shopping })).status).toBe(200);
    },
  );
});

describe("a refreshed ID token that proves nothing", () => {
  it.each([
    ["signed by a stranger", { kind: "id_token", signWith: "other-key" }],
    ["signed by nobody", { kind: "id_token", signWith: "none" }],
    ["for another client", { kind: "id_token", setClaims: { aud: "evil" } }],
    ["that has ended", { kind: "id_token", setClaims: { exp: 1_700_000_000 } }],
    ["of another access token", { kind: "id_token", setClaims: { at_hash: "AAAAAAAAAAAAAAAAAAAAAA" } }],
    ["that is none", json({ id_token: "no.jwt" })],
  ] as [string, Fault][])(
    "(%s) is ignored and told in the log: nothing of it is taken, and neither tokens nor session are lost",
    async (_, fault) => {
      const browser = await withExpiredTokens(app, "minsu");
      await app.control.changeUser("company", "minsu", { name: "Somebody Else" });
      await spoilRefresh(app, fault);
      expect(await probe(app.url, browser)).toMatchObject({ status: 200 });
      expect(await whoIs(app, browser)).toMatchObject({ claims: { name: "이민수" } });
      await expectLogged(app.instance, "token.id_token_ignored");
      await expireTokens(app);
      await expectNewRefreshTokenKept(browser, {});
    },
  );
});

/** The refresh after the hostile one uses the refresh token that came with that, and works. */
async function expectNewRefreshTokenKept(browser: HttpBrowser, target: Target): Promise<void> {
  expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
  const rotated = (await app.control.issued("company")).at(-1)?.refreshToken;
  expect((await probe(sibling.url, browser, target)).status).toBe(200);
  const requests = await refreshes(app);
  expect([requests.length, requests[1]?.form.refresh_token]).toEqual([2, rotated]);
  expect(await app.control.counters("company")).toEqual({ refreshes: 2, reuseAlarms: 0 });
}

describe("an access token that cannot be used", () => {
  it.each([
    ["is for another API", { kind: "access_token", setClaims: { aud: store } }, { resource: shopping }],
    ["names no API", { kind: "access_token", removeClaims: ["aud"] }, { resource: shopping }],
    [
      "is for another organization",
      { kind: "access_token", setClaims: { aud: "urn:logto:organization:org_maru" } },
      { organization: "org_hanok" },
    ],
    ["says nothing, for an API", json({ access_token: "opaque-and-long-enough" }), { resource: shopping }],
    ["is of a type that we cannot send", json({ token_type: "mac" }), {}],
    ["is of no type", { kind: "json", remove: ["token_type"] }, {}],
    ["would end a header", json({ access_token: "abc\r\nX-Admin: 1" }), {}],
    ["is no text", json({ access_token: ["a", "b"] }), {}],
    ["is missing", { kind: "json", remove: ["access_token"] }, {}],
  ] as [string, Fault, Target][])(
    "because it %s is refused, and the new refresh token kept",
    async (_, fault, target) => {
      const { browser, answered } = await refreshWith(fault, target);
      expect(answered).toMatchObject({ status: 400, error: "invalid_response" });
      expect(await lastAudit(app, "token.refresh_failed")).toMatchObject({ reason: "invalid_response" });
      await expectNewRefreshTokenKept(browser, target);
    },
  );
});

describe("an answer that leaves something out, or says more than is true", () => {
  it("keeps the old refresh token where none came", async () => {
    const { browser, answered } = await refreshWith({ kind: "json", remove: ["refresh_token"] });
    expect(answered.status).toBe(200);
    await expireTokens(app);
    // This provider has rotated all the same, so that the old one is what it refuses; others have not.
    expect(await probe(app.url, browser)).toMatchObject({ status: 401, error: "reauthentication_required" });
    const [first, second] = await refreshes(app);
    expect(second?.form.refresh_token).toBe(first?.form.refresh_token);
  });

  it.each([null, "", 7, ["x"]])("takes a refresh token of %j for none", async (value) => {
    const { answered, browser } = await refreshWith(json({ refresh_token: value }));
    expect(answered.status).toBe(200);
    await expireTokens(app);
    await probe(app.url, browser);
    const [first, second] = await refreshes(app);
    expect(second?.form.refresh_token).toBe(first?.form.refresh_token);
  });

  it("writes down that it grants less than the sign-in did", async () => {
    const { answered } = await refreshWith(json({ scope: "openid profile" }));
    expect(answered.tokens[0]?.scope).toBe("openid profile");
    expect((await grantOf(app, "minsu")).scope).toBe("openid profile");
  });

  it("does not take an API's scopes for the grant's", async () => {
    const { answered } = await refreshWith(json({ scope: "shopping:read" }), { resource: shopping });
    expect(answered.tokens[0]?.scope).toBe("shopping:read");
    expect((await grantOf(app, "minsu")).scope).toMatch(/\bopenid\b/);
  });

  it.each([
    ["a thousand million seconds", 1e12, 86_400],
    ["an endless time", Number.MAX_VALUE, 86_400],
    ["less than no time", -5, 1],
    ["no time", 0, 1],
    ["an unsaid time", null, 300],
    ["a text", "120", 120],
    ["a word", "soon", 300],
    ["a list", [7], 300],
  ])("bounds what a token lasts that is said to last %s", async (_, value, seconds) => {
    const { answered } = await refreshWith(json({ expires_in: value }));
    expect(answered.status).toBe(200);
    expect(secondsFrom(answered)).toBeGreaterThan(seconds - 10);
    expect(secondsFrom(answered)).toBeLessThanOrEqual(seconds);
  });
});
