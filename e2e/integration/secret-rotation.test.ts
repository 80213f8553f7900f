import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../dev/app";
import { type House, meetProvider, openHouse, signIn, startSignIn, whoIs } from "./house";
import { HttpBrowser } from "./http-browser";

let house: House;
/** Which instance answers next. */
let answering: RunningApp;
const old = { AUTH_SECRET: "", VAULT_KEYS: "" };
const fresh = { AUTH_SECRET: randomBytes(32).toString("base64"), vaultKey: randomBytes(32).toString("base64") };

beforeAll(async () => {
  // The gate renews cookies after ten seconds, so that the test sees each instance seal.
  house = await openHouse({ env: { SESSION_IDLE_SECONDS: "40", SESSION_ABSOLUTE_SECONDS: "3600" } });
  answering = house.app;
  old.AUTH_SECRET = house.environment.AUTH_SECRET ?? "";
  old.VAULT_KEYS = house.environment.VAULT_KEYS ?? "";
});
afterAll(() => house.close());

const cookieName = "daemun.session";

function newBrowser(): HttpBrowser {
  return new HttpBrowser((url) => (url.origin === house.url ? answering.url : null));
}

async function signedInOn(instance: RunningApp, person: string): Promise<HttpBrowser> {
  answering = instance;
  const browser = newBrowser();
  const page = await signIn(house, browser, { person });
  expect(page.status, page.body.slice(0, 300)).toBe(303);
  return browser;
}

/** Asks every surface of an instance. Nobody is sent away, and no cookie is taken. */
async function expectAtHome(browser: HttpBrowser, instance: RunningApp, person: string): Promise<void> {
  answering = instance;
  const page = await browser.request(`${house.url}/account`);
  expect(page.status).toBe(200);
  expect((await whoIs(house, browser))?.sub).toBe(person);
  expect(browser.setCookies.filter((line) => line.startsWith(`${cookieName}=;`))).toEqual([]);
}

/** Goes on using the app until the instance has sealed the cookie anew. */
async function untilRenewed(browser: HttpBrowser, instance: RunningApp): Promise<void> {
  const before = browser.cookie(house.url, cookieName);
  const renewed = async () => {
    answering = instance;
    await browser.request(`${house.url}/account`);
    return browser.cookie(house.url, cookieName) !== before;
  };
  await expect.poll(renewed, { timeout: 30_000, interval: 500 }).toBe(true);
}

describe("a change of AUTH_SECRET, one instance after the other", () => {
  it("SC-10: signs nobody out while instances differ, and those without the new one sign in anew after", {
    timeout: 120_000,
  }, async () => {
    const untold = house.app;
    const early = await signedInOn(untold, "minsu");
    const told = await house.startSibling({ AUTH_SECRET: fresh.AUTH_SECRET, AUTH_SECRET_1: old.AUTH_SECRET });

    // A session from before, and one from each side, at home on both.
    const late = await signedInOn(told, "eunji");
    for (const instance of [told, untold, told, untold]) {
      await expectAtHome(early, instance, "minsu");
      await expectAtHome(late, instance, "eunji");
    }
    // Whoever renews it, the other opens it.
    for (const [instance, other] of [
      [told, untold],
      [untold, told],
    ] as const) {
      await untilRenewed(early, instance);
      await expectAtHome(early, other, "minsu");
      await expectAtHome(late, other, "eunji");
    }
    expect(late.cookie(house.url, cookieName)?.length).toBeLessThan(1500);

    // A sign-in that begins on one is finished on the other: form, transaction and all.
    for (const [page, form, callback] of [
      [told, untold, told],
      [untold, told, untold],
      [told, told, untold],
    ] as const) {
      const browser = new HttpBrowser((url) => {
        if (url.origin !== house.url) return null;
        if (url.pathname === "/sign-in") return page.url;
        return (url.pathname.startsWith("/api/auth/signin/") ? form : callback).url;
      });
      const back = await meetProvider(house, browser, await startSignIn(house, browser), "jiwoo");
      expect((await browser.request(back.location ?? "")).headers.get("location")).toBe("/account");
      expect((await whoIs(house, browser))?.sub).toBe("jiwoo");
    }
    // So is a sign-out.
    answering = told;
    const leaving = await signedInOn(told, "haneul");
    const question = await leaving.request(`${house.url}/sign-out`);
    answering = untold;
    expect((await leaving.submit(question, 'data-scope="device"')).status).toBe(303);
    expect(await whoIs(house, leaving)).toBeNull();

    // One was sealed last by an instance that had the old one alone, the other knows both.
    await untilRenewed(late, told);
    const sealedByUntold = await signedInOn(untold, "minsu");
    const replaced = [
      await house.startSibling({ AUTH_SECRET: fresh.AUTH_SECRET }),
      await house.startSibling({ AUTH_SECRET: fresh.AUTH_SECRET }),
    ];
    for (const instance of replaced) {
      await expectAtHome(late, instance, "eunji");
      answering = instance;
      const stale = sealedByUntold.clone();
      const page = await stale.request(`${house.url}/account`);
      expect([page.status, new URL(page.location ?? "").pathname]).toEqual([307, "/sign-in"]);
      expect(stale.cookieNames(house.url)).not.toContain(cookieName);
      expect((await stale.fetch(`${house.url}/api/me`)).status).toBe(401);
      expect((await signIn(house, stale, { person: "minsu" })).status).toBe(303);
      await expectAtHomeAnew(stale, replaced, "minsu");
    }
    for (const { output } of [told, untold, ...replaced]) expect(output()).not.toMatch(/"level":"error"/);
  });
});

async function expectAtHomeAnew(browser: HttpBrowser, instances: RunningApp[], person: string): Promise<void> {
  for (const instance of instances) {
    answering = instance;
    expect((await browser.request(`${house.url}/account`)).status).toBe(200);
    expect((await whoIs(house, browser))?.sub).toBe(person);
  }
}

describe("a change of VAULT_KEYS", () => {
  // Starting instances takes time, in which nobody here does anything.
  const patient = { SESSION_IDLE_SECONDS: "600" };
  let keyless: RunningApp;
  beforeAll(async () => {
    keyless = await house.startSibling(patient);
  });

  const userInfo = async (browser: HttpBrowser, instance: RunningApp): Promise<[number, string | undefined]> => {
    answering = instance;
    const answered = await browser.fetch(`${house.url}/api/me?source=userinfo`);
    const body = JSON.parse(answered.body);
    return [answered.status, body.error ?? body.claims.sub];
  };
  /** The sealed access token of the newest sign-in of whoever this is. */
  const sealedTokenOf = async (browser: HttpBrowser) => {
    const me = await whoIs(house, browser);
    const [row] = await house.rows<{ sealedToken: string }>(
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
    const keyed = await house.startSibling({ ...patient, VAULT_KEYS: `k2:${fresh.vaultKey},${old.VAULT_KEYS}` });
    expect(await userInfo(before, keyed)).toEqual([200, "jiwoo"]);
    const after = await signedInOn(keyed, "eunji");
    expect(await sealedTokenOf(after)).toMatch(/^v1\.k2\./);
    expect(await userInfo(after, keyed)).toEqual([200, "eunji"]);

    // An instance that has not got the key yet: the token is out of its reach, the session is not.
    expect(await userInfo(after, keyless)).toEqual([401, "reauthentication_required"]);
    await expectAtHome(after, keyless, "eunji");
    expect(await userInfo(after, keyed)).toEqual([200, "eunji"]);

    const done = await house.startSibling({ ...patient, VAULT_KEYS: `k2:${fresh.vaultKey}` });
    const sealed = await sealedTokenOf(before);
    expect(await userInfo(before, done)).toEqual([401, "reauthentication_required"]);
    await expectAtHome(before, done, "jiwoo");
    expect(await sealedTokenOf(before)).toBe(sealed);
    expect(await userInfo(after, done)).toEqual([200, "eunji"]);

    // Signing in anew brings tokens under the new key.
    const anew = await signedInOn(done, "jiwoo");
    expect(await userInfo(anew, done)).toEqual([200, "jiwoo"]);
  });

  it("SC-10: one row under a key that nobody knows asks for a new sign-in, is kept, and can be signed out of", async () => {
    const browser = await signedInOn(keyless, "haneul");
    const other = await signedInOn(keyless, "minsu");
    const me = await whoIs(house, browser);
    for (const sql of [
      `UPDATE "AccessToken" t SET "sealedToken" = regexp_replace("sealedToken", '^v1\\.[^.]+', 'v1.nobodys')
       FROM "Grant" g WHERE g.id = t."grantId" AND g."userId" = $1`,
      `UPDATE "Grant" SET "sealedRefreshToken" = regexp_replace("sealedRefreshToken", '^v1\\.[^.]+', 'v1.nobodys'),
       "sealedIdToken" = regexp_replace("sealedIdToken", '^v1\\.[^.]+', 'v1.nobodys') WHERE "userId" = $1`,
    ]) {
      await house.rows(sql, [me?.user.id]);
    }
    const sealed = await sealedTokenOf(browser);
    expect(sealed).toMatch(/^v1\.nobodys\./);
    expect(await userInfo(browser, keyless)).toEqual([401, "reauthentication_required"]);
    expect(await sealedTokenOf(browser)).toBe(sealed);
    await expectAtHome(browser, keyless, "haneul");
    expect(await userInfo(other, keyless)).toEqual([200, "minsu"]);
    const left = await browser.submit(await browser.request(`${house.url}/sign-out`), 'data-scope="everywhere"');
    expect(left.status).toBe(303);
    expect(await whoIs(house, browser)).toBeNull();
    expect((await whoIs(house, other))?.sub).toBe("minsu");
  });
});
