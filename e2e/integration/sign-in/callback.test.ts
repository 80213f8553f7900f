import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { count, expectRefused } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, shareTestApp, signedIn, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let control: HttpBrowser;
beforeAll(async () => {
  app = await shareTestApp();
  control = await signedIn(app, { user: "haneul" });
});
afterAll(async () => {
  // Whatever was tried here, somebody else's session did not notice.
  expect((await whoIs(app, control))?.sub).toBe("haneul");
  await app.close();
});

/** A browser that is back from the provider, with the callback address not yet opened. */
async function returning(user = "minsu") {
  const browser = new HttpBrowser();
  const back = await meetProvider(app, browser, await startSignIn(app, browser), user);
  return { browser, callback: new URL(back.location ?? "") };
}

function withParameters(address: URL, change: Record<string, string | null>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(change)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}

describe("the callback", () => {
  it("CB-01: a wrong state signs nobody in and asks the provider nothing", async () => {
    const { browser, callback } = await returning();
    const before = await count(app);
    const answered = await browser.request(withParameters(callback, { state: "wrong" }));
    await expectRefused(app, browser, answered, { before, code: "state_mismatch", tokenRequests: 0 });
  });

  it.each(["state", "code"])(
    "F2: a callback without %s is refused, with 400 on the page that says so",
    async (name) => {
      const { browser, callback } = await returning();
      const before = await count(app);
      const answered = await browser.request(withParameters(callback, { [name]: null }));
      await expectRefused(app, browser, answered, {
        before,
        code: /state_mismatch|invalid_response/,
        tokenRequests: 0,
      });
      expect((await browser.request(answered.location ?? "")).status).toBe(400);
    },
  );

  it.each(["state", "code"])("a %s that comes twice is refused before the provider is asked", async (name) => {
    const { browser, callback } = await returning();
    const before = await count(app);
    const answered = await browser.request(`${callback.href}&${name}=${callback.searchParams.get(name)}`);
    await expectRefused(app, browser, answered, { before, code: "invalid_request", tokenRequests: 0 });
  });

  it("CB-03: somebody else's callback address signs nobody in, whether the victim has no cookies, a sign-in under way, or a session", async () => {
    const attacker = await returning("minsu");

    const fresh = new HttpBrowser();
    let before = await count(app);
    let answered = await fresh.request(attacker.callback.href);
    await expectRefused(app, fresh, answered, { before, code: "state_mismatch", tokenRequests: 0 });

    const pending = await returning("eunji");
    before = await count(app);
    answered = await pending.browser.request(attacker.callback.href);
    await expectRefused(app, pending.browser, answered, { before, code: "state_mismatch", tokenRequests: 0 });
    await pending.browser.request(pending.callback.href);
    expect((await whoIs(app, pending.browser))?.sub).toBe("eunji");

    before = await count(app);
    const accounts = await app.rows(`SELECT "userId", "providerAccountId" FROM "Account" ORDER BY id`);
    await pending.browser.request(attacker.callback.href);
    expect((await whoIs(app, pending.browser))?.sub).toBe("eunji");
    expect(await app.rows(`SELECT "userId", "providerAccountId" FROM "Account" ORDER BY id`)).toEqual(accounts);
    expect((await count(app)).sessions).toBe(before.sessions);
  });

  it("CB-04: an answer that names another issuer is refused before the token endpoint is asked", async () => {
    const { browser, callback } = await returning();
    const before = await count(app);
    const answered = await browser.request(withParameters(callback, { iss: "https://evil.test" }));
    await expectRefused(app, browser, answered, { before, code: "issuer_mismatch", tokenRequests: 0 });
  });

  it("CB-04: an answer that names no issuer is refused too, of a provider that says it always does (RFC 9207)", async () => {
    const { browser, callback } = await returning();
    const before = await count(app);
    const answered = await browser.request(withParameters(callback, { iss: null }));
    await expectRefused(app, browser, answered, { before, code: "issuer_mismatch", tokenRequests: 0 });
  });

  it("CB-03: a transaction planted under a name that only looks like ours is not read", async () => {
    const attacker = await returning("minsu");
    const name = attacker.browser.cookieNames(app.url).find((each) => each.startsWith("daemun.tx.")) ?? "";
    const victim = new HttpBrowser();
    // Node reads header bytes as Latin-1: a browser takes such a name for one without our prefix.
    victim.setCookie(app.url, `\u00a0${name}`, attacker.browser.cookie(app.url, name) ?? "");
    const answered = await victim.request(attacker.callback.href);
    expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("state_mismatch");
    expect(await whoIs(app, victim)).toBeNull();
  });

  it("CB-05: the same callback again makes no token request; this browser stays in, another gets nothing", async () => {
    const { browser, callback } = await returning();
    const thief = browser.clone();
    const returned = await browser.request(callback.href);
    expect(returned.location).toBe(`${app.url}/account`);
    const before = await count(app);

    const again = await browser.request(callback.href);
    expect(again.status).toBe(303);
    expect((await whoIs(app, browser))?.sub).toBe("minsu");

    const other = new HttpBrowser();
    const refused = await other.request(callback.href);
    expect(new URL(refused.location ?? "").searchParams.get("code")).toBe("state_mismatch");

    // Even with the very cookies of the transaction: a state is spent once, on the server.
    const stolen = await thief.request(callback.href);
    expect(new URL(stolen.location ?? "").searchParams.get("code")).toBe("state_mismatch");
    expect(await whoIs(app, thief)).toBeNull();
    expect(await count(app)).toMatchObject({ tokenRequests: before.tokenRequests, sessions: before.sessions });
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
  });

  it("CB-05: two deliveries at once make one token request and one session", async () => {
    const { browser, callback } = await returning();
    const before = await count(app);
    const answers = await Promise.all([1, 2, 3, 4].map(() => browser.clone().request(callback.href)));
    expect(answers.filter(({ location }) => location === `${app.url}/account`)).toHaveLength(1);
    expect(await count(app)).toMatchObject({
      tokenRequests: before.tokenRequests + 1,
      sessions: before.sessions + 1,
      failures: before.failures + 3,
    });
  });

  it("CB-08: a code never reaches another provider than the one that the person was sent to", async () => {
    const { browser, callback } = await returning();
    const elsewhere = callback.href.replace("/callback/company", "/callback/partner");
    const before = await count(app, "partner");
    const answered = await browser.request(elsewhere);
    expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("state_mismatch");
    expect(await whoIs(app, browser)).toBeNull();
    expect((await count(app, "partner")).tokenRequests).toBe(before.tokenRequests);
    expect((await count(app, "partner")).accounts).toBe(before.accounts);

    // A provider that answers with its own name at the other's route.
    const honest = await returning();
    const mixed = await honest.browser.request(withParameters(honest.callback, { iss: app.issuers.partner ?? "" }));
    expect(new URL(mixed.location ?? "").searchParams.get("code")).toBe("issuer_mismatch");
    expect(await whoIs(app, honest.browser)).toBeNull();
  });

  it.each(["id_token", "access_token", "token_type", "response"])(
    "CB-10: %s in the front channel is refused, with a code and without",
    async (name) => {
      for (const code of [undefined, null]) {
        const { browser, callback } = await returning();
        const before = await count(app);
        const change = { [name]: "eyJhbGciOiJub25lIn0.e30.", ...(code === null && { code }) };
        const answered = await browser.request(withParameters(callback, change));
        await expectRefused(app, browser, answered, { before, code: "invalid_response", tokenRequests: 0 });
      }
    },
  );

  it.each(["POST", "PUT", "DELETE", "PATCH", "HEAD"])("CB-10: the callback takes no %s", async (method) => {
    const { browser, callback } = await returning();
    const before = await count(app);
    const answered = await browser.request(callback.href, { method });
    expect(answered.status).toBe(405);
    expect((await count(app)).tokenRequests).toBe(before.tokenRequests);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it.each([
    ["access_denied", "sign_in_cancelled"],
    ["server_error", "provider_unavailable"],
    ["login_required", "provider_error"],
    ["<script>", "provider_error"],
  ])("an answer with error=%s ends the sign-in with %s, reflecting nothing", async (error, code) => {
    const { browser, callback } = await returning();
    const before = await count(app);
    const change = { code: null, error, error_description: "<b>boo-canary</b>" };
    const answered = await browser.request(withParameters(callback, change));
    await expectRefused(app, browser, answered, { before, code, tokenRequests: 0 });
    expect((await browser.request(answered.location ?? "")).body).not.toContain("boo-canary");
    // The transaction is over.
    expect(browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.tx."))).toEqual([]);
  });

  it("CC-01: five tabs that start together each finish, in any order", async () => {
    const browser = new HttpBrowser();
    const starts = [];
    for (let tab = 0; tab < 5; tab += 1)
      starts.push(await startSignIn(app, browser, { returnTo: `/account?tab=${tab}` }));
    expect(browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.tx."))).toHaveLength(5);
    for (const tab of [3, 0, 4, 1, 2]) {
      const back = await meetProvider(app, browser, starts[tab] as never, "minsu");
      const returned = await browser.request(back.location ?? "");
      expect(returned.location).toBe(`${app.url}/account?tab=${tab}`);
      expect((await whoIs(app, browser))?.sub).toBe("minsu");
    }
    expect(browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.tx."))).toEqual([]);
  });

  it("CC-01: a browser holds at most five sign-ins under way, and fewer than 8 KB of cookies", async () => {
    const browser = new HttpBrowser();
    for (let tab = 0; tab < 8; tab += 1) {
      await startSignIn(app, browser, { returnTo: `/account?${"x".repeat(1500)}${tab}` });
    }
    const names = browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.tx."));
    expect(names.length).toBeLessThanOrEqual(5);
    expect(browser.cookieHeader(app.url).length).toBeLessThan(8000);
  });

  it("an unknown provider is told so, and every other route under /api/auth stays shut", async () => {
    const browser = new HttpBrowser();
    expect((await browser.fetch(`${app.url}/api/auth/callback/nobody?code=a&state=b`)).status).toBe(404);
    for (const path of [
      "signin",
      "signin/company",
      "error",
      "verify-request",
      "webauthn-options",
      "callback",
      "_log",
      "session/x",
      "__proto__",
      "constructor",
    ]) {
      expect((await browser.fetch(`${app.url}/api/auth/${path}`)).status, path).toBeGreaterThanOrEqual(404);
    }
    const update = await browser.fetch(`${app.url}/api/auth/session`, {
      method: "POST",
      body: "{}",
      headers: { "Content-Type": "application/json" },
    });
    expect(update.status).toBe(405);
  });

  it("a sign-in writes one person, one account, one session, one sealed grant and one audit row", async () => {
    const browser = new HttpBrowser();
    const before = await count(app);
    await signIn(app, browser, { user: "jiwoo" });
    expect(await count(app)).toMatchObject({
      users: before.users + 1,
      accounts: before.accounts + 1,
      sessions: before.sessions + 1,
    });
    const me = await whoIs(app, browser);
    const [row] = await app.rows(
      `SELECT s.provider, s.issuer, s."providerSessionId", s.ip, s."userAgent", g."sealedIdToken", g."sealedRefreshToken",
              (SELECT count(*)::int FROM "AuditEvent" a WHERE a.event = 'sign_in.succeeded' AND a."userId" = s."userId") audits
       FROM "Session" s JOIN "Grant" g ON g."sessionId" = s.id WHERE s."userId" = $1`,
      [me?.user.id],
    );
    expect(row).toMatchObject({
      provider: "company",
      issuer: app.issuers.company,
      providerSessionId: expect.any(String),
      ip: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
      sealedIdToken: expect.stringMatching(/^v2\.dev1\./),
      sealedRefreshToken: expect.stringMatching(/^v2\.dev1\./),
      audits: 1,
    });
  });

  it("ten first sign-ins of one person at once make one person", async () => {
    const pending = await Promise.all(Array.from({ length: 10 }, () => returning("maximilian")));
    const returned = await Promise.all(pending.map(({ browser, callback }) => browser.request(callback.href)));
    expect(returned.map(({ location }) => location)).toEqual(Array(10).fill(`${app.url}/account`));
    const [row] = await app.rows(
      `SELECT count(DISTINCT a."userId")::int users, count(*)::int accounts FROM "Account" a WHERE a."providerAccountId" = 'maximilian'`,
    );
    expect(row).toEqual({ users: 1, accounts: 1 });
  });
});
