import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { firstParty } from "../../../dev/provider/client-registration";
import type { FaultRuleInput } from "../../../dev/provider/control-client";
import type { RunningApp } from "../../../dev/run/app";
import { clientAddresses } from "../../../dev/run/app-environment";
import { extendedOptions } from "../../support/extension/extended-app";
import { HttpBrowser } from "../../support/http-browser";
import { type NextHop, openNextHop } from "../../support/next-hop";
import { own } from "../../support/proxied";
import { clientId, clientSecret, openTestApp, signedIn, signIn, type TestApp, whoIs } from "../../support/test-app";
import { expectWholeGrants, sha256 } from "../../support/token-app";

const grantType = "urn:ietf:params:oauth:grant-type:token-exchange";

let hop: NextHop;
let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  hop = await openNextHop();
  app = await openTestApp({ ...(await extendedOptions()), env: { ...hop.env, TEST_HOP_ACTOR: "1" } });
  sibling = await app.startSibling();
  hop.trust({ ledger: app.issuers.company ?? "", statements: app.url });
  await register({ ledger: ["ledger:read", "ledger:write"] });
}, 240_000);
afterEach(async () => {
  await app.control.clearFaults("company");
  await register({ ledger: ["ledger:read", "ledger:write"] });
  await expectWholeGrants(app);
  hop.reset();
});
afterAll(async () => {
  await app?.close();
  await hop?.close();
});

/** What the company lets this app exchange tokens for; null for nothing at all. */
async function register(audiences: Record<string, string[]> | null): Promise<void> {
  const tokenExchange = audiences && { audiences, actorIssuer: app.url };
  await app.control.putClient("company", {
    ...{ clientId, clientSecret, ...firstParty, ...clientAddresses(app.url, "company") },
    ...(tokenExchange && { tokenExchange }),
  });
}

const entries = (browser: HttpBrowser, base = app.url) =>
  browser.fetch(`${base}/api/services/ledger/entries`, { headers: own });

async function desk(browser: HttpBrowser, base = app.url) {
  const answered = await browser.fetch(`${base}/desk/call?service=ledger&path=/entries`);
  return JSON.parse(answered.body);
}

async function exchanges() {
  const requests = await app.control.journal("company", { endpoint: "token" });
  return requests.filter(({ form }) => form.grant_type === grantType);
}

const spoil = (fault: FaultRuleInput["fault"], times: number | null = 1) =>
  app.control.addFault("company", { endpoint: "token", grantType, times, fault });

const endKept = () =>
  app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '1 second' WHERE resource LIKE 'exchange %'`);

const errorOf = ({ body }: { body: string }) => JSON.parse(body).error;

const denials = (user: string) =>
  app.rows<{ reason: string; cause: string }>(
    `SELECT reason, detail->>'cause' AS cause FROM "AuditEvent" a JOIN "Account" i ON i."userId" = a."userId"
     WHERE event = 'service.denied' AND i."providerAccountId" = $1 ORDER BY a.id`,
    [user],
  );

describe("a service that is called with an exchanged token", () => {
  it("gets a token of the provider for itself, with this app as the actor, by the proxy and by callService", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await app.control.clearJournal("company");
    expect((await entries(browser)).status).toBe(200);
    expect(await desk(browser)).toMatchObject({ status: 200 });
    const [first, second] = hop.calls("ledger");
    expect(first?.claims).toMatchObject({
      iss: app.issuers.company,
      sub: "haneul",
      aud: "ledger",
      client_id: clientId,
      scope: "ledger:read",
      act: { sub: app.url },
    });
    // Kept like any token: the second call has the same.
    expect(second?.token).toBe(first?.token);
    const asked = await exchanges();
    expect(asked.map(({ form }) => form)).toEqual([
      expect.objectContaining({
        audience: "ledger",
        scope: "ledger:read",
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
        requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
        actor_token_type: "urn:ietf:params:oauth:token-type:jwt",
      }),
    ]);
    // What the service got is neither what was exchanged nor anything that a browser has seen.
    expect(asked[0]?.form.subject_token).not.toBe(first?.token);
    expect(browser.cookieHeader(app.url)).not.toContain(first?.token);
  });

  it("two hundred callers at once on two instances cause one exchange, and all calls have its token", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    await app.control.clearJournal("company");
    await spoil({ kind: "delay", delayMs: 1_000 });
    const bases = [app.url, sibling.url];
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => bases.map((base) => desk(browser, base))).flat(),
    );
    expect(new Set(answers.map(({ status, code }) => status ?? code))).toEqual(new Set([200]));
    expect(await exchanges()).toHaveLength(1);
    const tokens = hop.calls("ledger").map(({ token }) => sha256(token));
    expect([tokens.length, new Set(tokens).size]).toEqual([200, 1]);
  }, 60_000);

  it("gets another when the first has run out, and the session is not refreshed for it", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await entries(browser);
    const before = await app.rows(`SELECT id, "refreshCount" FROM "Grant" ORDER BY id`);
    await endKept();
    expect((await entries(browser)).status).toBe(200);
    expect(new Set(hop.calls("ledger").map(({ token }) => token)).size).toBe(2);
    expect(await app.rows(`SELECT id, "refreshCount" FROM "Grant" ORDER BY id`)).toEqual(before);
  });

  it("refuses a token, and the call is made once more with a new one", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await entries(browser);
    hop.refuse(1);
    expect((await entries(browser)).status).toBe(200);
    expect(hop.calls("ledger").map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(new Set(hop.calls("ledger").map(({ token }) => token)).size).toBe(2);
  });

  it("the kept token lies sealed under a name of its own, and is gone with the session", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await entries(browser);
    const [kept] = await app.rows<{ sealedToken: string; resource: string }>(
      `SELECT "sealedToken", resource FROM "AccessToken" WHERE resource LIKE 'exchange ledger %' ORDER BY "createdAt" DESC LIMIT 1`,
    );
    expect(kept?.sealedToken).toMatch(/^v2\./);
    expect(kept?.sealedToken).not.toContain(hop.calls("ledger").at(-1)?.token);
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'revoked'`);
    hop.reset();
    expect((await entries(browser)).status).toBe(401);
    expect(hop.calls("ledger")).toEqual([]);
    await app.rows(`DELETE FROM "Session"`);
    expect(await app.rows(`SELECT 1 FROM "AccessToken"`)).toEqual([]);
  });
});

describe("an exchange that comes to nothing", () => {
  it.each([
    ["a client that may not exchange", null, "provider_misconfigured", "unauthorized_client"],
    ["an audience that nobody knows", { other: [] }, "unknown_resource", "invalid_target"],
    ["a scope that the user may not have", { ledger: ["ledger:write"] }, "forbidden", "invalid_scope"],
  ] as const)(
    "%s is an answer of its own, once in the trail, and ends no session",
    async (_, audiences, code, cause) => {
      const browser = await signedIn(app, { user: "haneul" });
      await register(audiences && Object.fromEntries(Object.entries(audiences).map(([key, list]) => [key, [...list]])));
      await app.rows(`TRUNCATE "AuditEvent"`);
      for (let time = 0; time < 3; time += 1) expect(errorOf(await entries(browser))).toBe(code);
      // Asked once, and remembered for a moment.
      await expect.poll(() => denials("haneul")).toEqual([{ reason: code, cause }]);
      expect(hop.calls("ledger")).toEqual([]);
      expect((await whoIs(app, browser))?.sub).toBe("haneul");
    },
  );

  it("a subject token that the provider does not take any more is replaced once", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await app.control.clearJournal("company");
    await spoil({ kind: "respond", status: 400, json: { error: "invalid_request" } });
    expect((await entries(browser)).status).toBe(200);
    const asked = await exchanges();
    expect(asked).toHaveLength(2);
    expect(new Set(asked.map(({ form }) => form.subject_token)).size).toBe(2);
  });

  it("an exchange that is refused with every subject token is told so, and asks for no third", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    await app.control.clearJournal("company");
    await spoil({ kind: "respond", status: 400, json: { error: "invalid_grant" } }, null);
    expect(errorOf(await entries(browser))).toBe("provider_error");
    expect(await exchanges()).toHaveLength(2);
    expect((await whoIs(app, browser))?.sub).toBe("haneul");
  });

  it.each([
    ["away", { kind: "reset" }, "provider_unavailable", 503],
    ["failing", { kind: "respond", status: 503, headers: { "retry-after": "1" } }, "provider_unavailable", 503],
    ["silent", { kind: "hang" }, "provider_timeout", 504],
  ] as const)(
    "a provider that is %s costs a call and nothing else",
    async (_, fault, code, status) => {
      const browser = await signedIn(app, { user: "haneul" });
      await spoil(fault as FaultRuleInput["fault"]);
      const answered = await entries(browser);
      expect([answered.status, errorOf(answered)]).toEqual([status, code]);
      expect(answered.headers.get("retry-after")).not.toBeNull();
      // By itself, once it is asked again.
      await expect.poll(async () => (await entries(browser)).status, { timeout: 15_000, interval: 500 }).toBe(200);
    },
    40_000,
  );

  it.each([
    ["does not say what it issued", { kind: "json", remove: ["issued_token_type"] }],
    ["issued something else", { kind: "json", set: { issued_token_type: "urn:ietf:params:oauth:token-type:jwt" } }],
    ["is of another token type", { kind: "json", set: { token_type: "mac" } }],
    ["says that it is no access token", { kind: "json", set: { token_type: "N_A" } }],
    ["has no token", { kind: "json", remove: ["access_token"] }],
    ["has a token with a line break", { kind: "json", set: { access_token: "a\r\nX: y" } }],
    ["has a token that is too long for a header", { kind: "json", set: { access_token: "x".repeat(20_000) } }],
    ["is larger than anything that is read", { kind: "flood", bytes: 2_000_000 }],
  ] as const)("an answer that %s is not used", async (_, fault) => {
    const browser = await signedIn(app, { user: "haneul" });
    await spoil(fault as unknown as FaultRuleInput["fault"], null);
    expect(errorOf(await entries(browser))).toBe("invalid_response");
    expect(hop.calls("ledger")).toEqual([]);
    expect(
      await app.rows(`SELECT 1 FROM "AccessToken" t JOIN "Grant" g ON g.id = t."grantId" JOIN "Session" s ON s.id = g."sessionId"
      WHERE t.resource LIKE 'exchange %' AND s."createdAt" > now() - interval '3 seconds'`),
    ).toEqual([]);
    expect((await whoIs(app, browser))?.sub).toBe("haneul");
  });

  it("an instance that dies in the middle of an exchange keeps nobody from the next", async () => {
    const third = await app.startSibling();
    const browser = await signedIn(app, { user: "minsu" });
    await app.control.clearJournal("company");
    await spoil({ kind: "hang" });
    const lost = desk(browser, third.url).catch(() => null);
    await expect.poll(async () => (await exchanges()).length).toBe(1);
    process.kill(-third.pid, "SIGKILL");
    await lost;
    await expect.poll(async () => (await desk(browser)).status, { timeout: 30_000, interval: 500 }).toBe(200);
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
  }, 60_000);
});

describe("a token that is bound to a key", () => {
  it("is exchanged with a proof of that key, and the service gets one that is bound to it as well", async () => {
    // The second has the extension's configuration keep the tokens of its APIs here.
    const bound = await app.startSibling({ AUTH_COMPANY_DPOP: "true", AUTH_KEYCLOAK_DPOP: "true" });
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? bound.url : null));
    expect((await signIn(app, browser, { user: "haneul" })).status).toBe(303);
    expect((await entries(browser)).status).toBe(200);
    const last = hop.calls("ledger").at(-1);
    expect(last?.claims).toMatchObject({ aud: "ledger", cnf: { jkt: expect.any(String) } });
    expect([last?.headers.authorization?.slice(0, 5), typeof last?.headers.dpop]).toEqual(["DPoP ", "string"]);
  });
});
