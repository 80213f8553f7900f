import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { createSealer } from "../../../edge/sealing";
import { sessionCookie } from "../../support/cookies";
import { HttpBrowser } from "../../support/http-browser";
import { sealJoined } from "../../support/joined-value";
import { meetProvider, openTestApp, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
/** Which instance answers next. */
let answering: RunningApp;
const old = { AUTH_SECRET: "", VAULT_KEYS: "" };
const fresh = { AUTH_SECRET: randomBytes(32).toString("base64"), vaultKey: randomBytes(32).toString("base64") };

beforeAll(async () => {
  // The gate renews cookies after ten seconds, so that the test sees each instance seal.
  app = await openTestApp({ env: { SESSION_IDLE_SECONDS: "40", SESSION_ABSOLUTE_SECONDS: "3600" } });
  answering = app.instance;
  old.AUTH_SECRET = app.environment.AUTH_SECRET ?? "";
  old.VAULT_KEYS = app.environment.VAULT_KEYS ?? "";
});
afterAll(() => app.close());

const cookieName = () => sessionCookie(app.url);

function newBrowser(): HttpBrowser {
  return new HttpBrowser((url) => (url.origin === app.url ? answering.url : null));
}

async function signedInOn(instance: RunningApp, user: string): Promise<HttpBrowser> {
  answering = instance;
  const browser = newBrowser();
  const page = await signIn(app, browser, { user });
  expect(page.status, page.body.slice(0, 300)).toBe(303);
  return browser;
}

/** Asks every surface of an instance. Nobody is sent away, and no cookie is taken. */
async function expectAtHome(browser: HttpBrowser, instance: RunningApp, user: string): Promise<void> {
  answering = instance;
  const page = await browser.request(`${app.url}/account`);
  expect(page.status).toBe(200);
  expect((await whoIs(app, browser))?.sub).toBe(user);
  expect(browser.setCookies.filter((line) => line.startsWith(`${cookieName()}=;`))).toEqual([]);
}

/** Goes on using the app until the instance has re-sealed the cookie. */
async function untilRenewed(browser: HttpBrowser, instance: RunningApp): Promise<void> {
  const before = browser.cookie(app.url, cookieName());
  const renewed = async () => {
    answering = instance;
    await browser.request(`${app.url}/account`);
    return browser.cookie(app.url, cookieName()) !== before;
  };
  await expect.poll(renewed, { interval: 500 }).toBe(true);
}

/** Sign-ins and sign-outs that begin on one instance are finished on the other: form, transaction and all. */
async function expectFormsShared(one: RunningApp, other: RunningApp): Promise<void> {
  for (const [page, form, callback] of [
    [one, other, one],
    [other, one, other],
    [one, one, other],
  ] as const) {
    const browser = new HttpBrowser((url) => {
      if (url.origin !== app.url) return null;
      if (url.pathname === "/sign-in") return page.url;
      return (url.pathname.startsWith("/api/auth/signin/") ? form : callback).url;
    });
    const back = await meetProvider(app, browser, await startSignIn(app, browser), "jiwoo");
    expect((await browser.request(back.location ?? "")).headers.get("location")).toBe("/account");
    expect((await whoIs(app, browser))?.sub).toBe("jiwoo");
  }
  const leaving = await signedInOn(one, "haneul");
  const form = await leaving.request(`${app.url}/sign-out`);
  answering = other;
  expect((await leaving.submit(form, 'data-scope="device"')).status).toBe(303);
  expect(await whoIs(app, leaving)).toBeNull();
}

describe("a change of AUTH_SECRET in two steps", () => {
  it("SC-10: signs nobody out and breaks no form in either step; who did not return after them signs in again", {
    timeout: 240_000,
  }, async () => {
    const secrets = (first: string, second?: string) => ({ AUTH_SECRET: first, AUTH_SECRET_1: second ?? "" });
    const before = app.instance;
    const last = await app.startSibling(secrets(old.AUTH_SECRET, fresh.AUTH_SECRET));
    const first = await app.startSibling(secrets(fresh.AUTH_SECRET, old.AUTH_SECRET));

    for (const [earlier, later] of [
      [before, last],
      [last, first],
    ] as const) {
      const early = await signedInOn(earlier, "minsu");
      const late = await signedInOn(later, "eunji");
      for (const [renewing, other] of [
        [earlier, later],
        [later, earlier],
      ] as const) {
        await untilRenewed(early, renewing);
        await expectAtHome(early, other, "minsu");
        await expectAtHome(late, other, "eunji");
      }
      expect(late.cookie(app.url, cookieName())).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(late.cookie(app.url, cookieName())?.length).toBeLessThan(1500);
      await expectFormsShared(earlier, later);
    }

    // The old one is taken away: one was sealed under the new one, the other before step 2.
    const returned = await signedInOn(first, "eunji");
    const stayedAway = await signedInOn(last, "minsu");
    const done = await app.startSibling(secrets(fresh.AUTH_SECRET));
    await expectAtHome(returned, done, "eunji");
    answering = done;
    const page = await stayedAway.request(`${app.url}/account`);
    expect([page.status, new URL(page.location ?? "").pathname]).toEqual([307, "/sign-in"]);
    expect(stayedAway.cookieNames(app.url)).not.toContain(cookieName());
    expect((await stayedAway.fetch(`${app.url}/api/me`)).status).toBe(401);
    expect((await signIn(app, stayedAway, { user: "minsu" })).status).toBe(303);
    expect((await whoIs(app, stayedAway))?.sub).toBe("minsu");
    for (const { output } of [before, last, first, done]) expect(output()).not.toMatch(/"level":"error"/);
  });

  it("SC-10: a cookie that version 0.1.0 sealed for two secrets is read, and renewed as one JWE", async () => {
    const browser = await signedInOn(app.instance, "minsu");
    const sealed = browser.cookie(app.url, cookieName()) ?? "";
    const claims = (await createSealer([old.AUTH_SECRET], "session").open(sealed)) ?? {};
    const joined = await sealJoined([fresh.AUTH_SECRET, old.AUTH_SECRET], "session", claims, Number(claims.exp));
    browser.setCookie(app.url, cookieName(), joined);
    await expectAtHome(browser, app.instance, "minsu");
    await untilRenewed(browser, app.instance);
    expect(browser.cookie(app.url, cookieName())).not.toContain("~");
  });
});

describe("a change of VAULT_KEYS", () => {
  // Starting instances takes time, in which nobody here does anything.
  const patient = { SESSION_IDLE_SECONDS: "600" };
  let keyless: RunningApp;
  beforeAll(async () => {
    keyless = await app.startSibling(patient);
  });

  const userInfo = async (browser: HttpBrowser, instance: RunningApp): Promise<[number, string | undefined]> => {
    answering = instance;
    const answered = await browser.fetch(`${app.url}/api/me?source=userinfo`);
    const body = JSON.parse(answered.body);
    return [answered.status, body.error ?? body.claims.sub];
  };
  /** The sealed access token of the newest sign-in of whoever this is. */
  const sealedTokenOf = async (browser: HttpBrowser) => {
    const me = await whoIs(app, browser);
    const [row] = await app.rows<{ sealedToken: string }>(
      `SELECT t."sealedToken" FROM "AccessToken" t JOIN "Grant" g ON g.id = t."grantId"
       WHERE g."userId" = $1 AND g."endedAt" IS NULL ORDER BY g."createdAt" DESC`,
      [me?.user.id],
    );
    return row?.sealedToken ?? "";
  };

  it("SC-10: old tokens open beside new ones; a key that is gone asks for a new sign-in and keeps the row", {
    timeout: 120_000,
  }, async () => {
    const before = await signedInOn(keyless, "jiwoo");
    const keyed = await app.startSibling({ ...patient, VAULT_KEYS: `k2:${fresh.vaultKey},${old.VAULT_KEYS}` });
    expect(await userInfo(before, keyed)).toEqual([200, "jiwoo"]);
    const after = await signedInOn(keyed, "eunji");
    expect(await sealedTokenOf(after)).toMatch(/^v2\.k2\./);
    expect(await userInfo(after, keyed)).toEqual([200, "eunji"]);

    // An instance that has not got the key yet: the token is out of its reach, the session is not.
    expect(await userInfo(after, keyless)).toEqual([401, "reauthentication_required"]);
    await expectAtHome(after, keyless, "eunji");
    expect(await userInfo(after, keyed)).toEqual([200, "eunji"]);

    const done = await app.startSibling({ ...patient, VAULT_KEYS: `k2:${fresh.vaultKey}` });
    const sealed = await sealedTokenOf(before);
    expect(await userInfo(before, done)).toEqual([401, "reauthentication_required"]);
    await expectAtHome(before, done, "jiwoo");
    expect(await sealedTokenOf(before)).toBe(sealed);
    expect(await userInfo(after, done)).toEqual([200, "eunji"]);

    // Signing in again brings tokens under the new key.
    const again = await signedInOn(done, "jiwoo");
    expect(await userInfo(again, done)).toEqual([200, "jiwoo"]);
  });

  it("SC-10: one row under a key that nobody knows asks for a new sign-in, is kept, and can be signed out of", async () => {
    const browser = await signedInOn(keyless, "haneul");
    const other = await signedInOn(keyless, "minsu");
    const me = await whoIs(app, browser);
    for (const sql of [
      `UPDATE "AccessToken" t SET "sealedToken" = regexp_replace("sealedToken", '^v2\\.[^.]+', 'v2.nobodys')
       FROM "Grant" g WHERE g.id = t."grantId" AND g."userId" = $1`,
      `UPDATE "Grant" SET "sealedRefreshToken" = regexp_replace("sealedRefreshToken", '^v2\\.[^.]+', 'v2.nobodys'),
       "sealedIdToken" = regexp_replace("sealedIdToken", '^v2\\.[^.]+', 'v2.nobodys') WHERE "userId" = $1`,
    ]) {
      await app.rows(sql, [me?.user.id]);
    }
    const sealed = await sealedTokenOf(browser);
    expect(sealed).toMatch(/^v2\.nobodys\./);
    expect(await userInfo(browser, keyless)).toEqual([401, "reauthentication_required"]);
    expect(await sealedTokenOf(browser)).toBe(sealed);
    await expectAtHome(browser, keyless, "haneul");
    expect(await userInfo(other, keyless)).toEqual([200, "minsu"]);
    const left = await browser.submit(await browser.request(`${app.url}/sign-out`), 'data-scope="everywhere"');
    expect(left.status).toBe(303);
    expect(await whoIs(app, browser)).toBeNull();
    expect((await whoIs(app, other))?.sub).toBe("minsu");
  });
});
