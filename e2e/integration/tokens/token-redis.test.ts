import { createClient } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { own } from "../../support/proxied";
import { findRedis, startRedis, type TestRedis } from "../../support/redis";
import { shareTestApp, signIn, type TestApp } from "../../support/test-app";

type Instance = Awaited<ReturnType<TestApp["startSibling"]>>;

describe.skipIf(findRedis() === null)("an app that keeps access tokens in Redis", () => {
  let app: TestApp;
  let redis: TestRedis;
  let instance: Instance;
  beforeAll(async () => {
    app = await shareTestApp();
    redis = await startRedis();
    instance = await app.startSibling({ REDIS_URL: redis.url });
  }, 300_000);
  beforeEach(async () => {
    await app.control.reset("company");
    await app.rows(`TRUNCATE "User" CASCADE`);
  });
  afterAll(async () => {
    await app?.close();
    await redis?.stop();
  });

  async function signedIn(): Promise<HttpBrowser> {
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? instance.url : null));
    const page = await signIn(app, browser, { user: "haneul" });
    expect(page.location, instance.output().slice(-1500)).toBe(`${app.url}/account`);
    return browser;
  }

  const shop = async (browser: HttpBrowser) =>
    (await browser.fetch(`${app.url}/api/services/shopping/orders?page=1`, { headers: own })).status;

  const rows = () =>
    app.rows<{ id: string; resource: string; sealedToken: string | null }>(
      `SELECT id, resource, "sealedToken" FROM "AccessToken" ORDER BY resource`,
    );

  /** What Redis has, by key, with the milliseconds that each has left. */
  async function kept(): Promise<Map<string, { value: string; leftMs: number }>> {
    const client = await createClient({ url: redis.url }).connect();
    try {
      const keys = await client.keys("daemun:token:*");
      const entries = await Promise.all(
        keys.map(
          async (key) => [key, { value: (await client.get(key)) ?? "", leftMs: await client.pTTL(key) }] as const,
        ),
      );
      return new Map(entries);
    } finally {
      client.destroy();
    }
  }

  const refreshes = async () =>
    (await app.control.journal("company", { endpoint: "token" })).filter(
      ({ form }) => form.grant_type === "refresh_token",
    ).length;

  it("has them there sealed, until their end, and in no row; a sign-out takes them away", async () => {
    const browser = await signedIn();
    expect(await shop(browser)).toBe(200);
    const found = await rows();
    expect(found.map(({ resource, sealedToken }) => [resource, sealedToken])).toEqual([
      ["", null],
      ["https://shopping.example/api", null],
    ]);
    const before = await kept();
    for (const { id } of found) {
      const { value = "", leftMs = 0 } = before.get(`daemun:token:${id}`) ?? {};
      expect(value).toMatch(/^v2\./);
      expect(leftMs > 0 && leftMs <= 3_600_000).toBe(true);
    }
    // Found there again: nothing is asked of the provider.
    const asked = await refreshes();
    expect([await shop(browser), await refreshes()]).toEqual([200, asked]);
    const page = await browser.request(`${app.url}/sign-out`);
    await browser.submit(page, 'data-scope="device"');
    expect(await rows()).toEqual([]);
    await expect
      .poll(async () => {
        const now = await kept();
        return found.filter(({ id }) => now.has(`daemun:token:${id}`)).length;
      })
      .toBe(0);
    expect(await shop(browser)).toBe(401);
  });

  it("goes on while Redis is away, with a new token, and uses it again when it is back", async () => {
    const browser = await signedIn();
    expect(await shop(browser)).toBe(200);
    const asked = await refreshes();
    await redis.kill();
    expect(await shop(browser)).toBe(200);
    expect(await refreshes()).toBe(asked + 1);
    const inRow = (await rows()).find(({ resource }) => resource !== "");
    expect(inRow?.sealedToken).toMatch(/^v2\./);
    // The row has it: no more is asked.
    expect([await shop(browser), await refreshes()]).toEqual([200, asked + 1]);
    const other = await signedIn();
    expect(await shop(other)).toBe(200);
    await redis.restart();
    // After a while it is asked again by itself.
    await expect
      .poll(
        async () => {
          await app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '1 second'`);
          expect(await shop(browser)).toBe(200);
          return (await kept()).size;
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBeGreaterThan(0);
  });

  it("gets another for one that was changed there, which is written down, and ends nobody's session", async () => {
    const browser = await signedIn();
    expect(await shop(browser)).toBe(200);
    const found = await rows();
    const [own, shops] = found.map(({ id }) => `daemun:token:${id}`);
    const { value = "" } = (await kept()).get(own ?? "") ?? {};
    const client = await createClient({ url: redis.url }).connect();
    await client.set(shops ?? "", value, { expiration: "KEEPTTL" });
    client.destroy();
    const asked = await refreshes();
    expect([await shop(browser), await refreshes()]).toEqual([200, asked + 1]);
    expect([await shop(browser), await refreshes()]).toEqual([200, asked + 1]);
    const place = { table: "AccessToken", column: "token", row: found[1]?.id };
    expect(await lastAudit(app, "security.ciphertext")).toMatchObject({ outcome: "failure", detail: place });
  });

  it("goes on while Redis hangs", async () => {
    const browser = await signedIn();
    expect(await shop(browser)).toBe(200);
    redis.pause();
    try {
      expect(await shop(browser)).toBe(200);
      expect(await shop(browser)).toBe(200);
    } finally {
      redis.resume();
    }
    expect(instance.output()).not.toContain(redis.url.split("@")[0]?.split(":").at(-1) ?? "");
  });

  it("does not start without an address, and says where it is missing", async () => {
    // The choice follows the variable in these tests; one that is no address is a fault of the environment.
    await expect(app.startSibling({ REDIS_URL: "localhost:6379" })).rejects.toThrow(/REDIS_URL/);
  });
});
