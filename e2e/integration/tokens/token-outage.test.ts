import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRuleInput } from "../../../dev/provider/control-client";
import type { RunningApp } from "../../../dev/run/app";
import { sessionCookie } from "../../support/cookies";
import { expectLogged } from "../../support/expectations";
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
  signedInCrowd,
  spoilRefresh,
  withExpiredTokens,
} from "../../support/token-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  ({ app, sibling } = await openTokenApp());
}, 240_000);
afterEach(async () => {
  await clearSpoils(app);
  await expectWholeGrants(app);
});
afterAll(() => app?.close());

const target = { resource: shopping };

async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const startedAt = performance.now();
  const result = await work;
  return { result, ms: performance.now() - startedAt };
}

/** Asks until there is a token again. */
const recovers = (browser: HttpBrowser, base = app.url) =>
  expect.poll(() => probe(base, browser, target), { interval: 200 }).toMatchObject({ status: 200 });

describe("OU-04: while the provider is away and tokens run out", () => {
  it("only what needs it fails, with a time to try again; nobody signs in again afterwards", async () => {
    const browser = await withExpiredTokens(app, "minsu", [target]);
    const cookie = browser.cookie(app.url, sessionCookie(app.url));
    await app.control.addFault("company", { endpoint: "all", times: null, fault: { kind: "reset" } });
    for (const base of [app.url, sibling.url]) {
      const { result, ms } = await timed(probe(base, browser, target));
      expect(result).toMatchObject({ status: 503, error: "provider_unavailable" });
      expect(result.retryAfter).toMatch(/^\d+$/);
      expect(ms).toBeLessThan(10_000);
      expect((await browser.request(`${base}/account`)).status).toBe(200);
      expect((await browser.fetch(`${base}/api/me`)).status).toBe(200);
    }
    await clearSpoils(app);
    await recovers(browser);
    await recovers(browser, sibling.url);
    expect(browser.cookie(app.url, sessionCookie(app.url))).toBe(cookie);
    expect((await app.control.counters("company")).reuseAlarms).toBe(0);
  });

  it("a token that would be replaced but is still alive is served", async () => {
    const browser = await withExpiredTokens(app, "minsu", [target]);
    const { tokens } = await probe(app.url, browser, target);
    await app.rows(
      `UPDATE "AccessToken" SET "createdAt" = now() - interval '1 hour', "expiresAt" = now() + interval '20 seconds'`,
    );
    await app.control.clearJournal("company");
    await spoilRefresh(app, { kind: "respond", status: 502 }, null);
    const answers = [...(await crowdOf(browser, 5)), ...(await crowdOf(browser, 5))];
    expect(new Set(answers.map(({ status, tokens: [token] }) => `${status} ${token?.sha256}`))).toEqual(
      new Set([`200 ${tokens[0]?.sha256}`]),
    );
    expect((await refreshes(app)).length).toBeGreaterThanOrEqual(1);
    expect((await refreshes(app)).length).toBeLessThanOrEqual(2);
  });

  const crowdOf = (browser: HttpBrowser, times: number) =>
    Promise.all(Array.from({ length: times }, () => probe(app.url, browser, target)));

  it("429 with Retry-After is heeded by both processes: the provider hears nothing before", async () => {
    const browser = await withExpiredTokens(app, "jiwoo", [target]);
    await spoilRefresh(app, { kind: "respond", status: 429, headers: { "Retry-After": "7" } });
    expect(await probe(app.url, browser, target)).toMatchObject({
      status: 503,
      error: "provider_unavailable",
      retryAfter: "7",
    });
    for (let turn = 0; turn < 5; turn += 1) {
      for (const base of [app.url, sibling.url]) expect((await probe(base, browser, target)).status).toBe(503);
    }
    expect(await refreshes(app)).toHaveLength(1);
    await recovers(browser, sibling.url);
    const [refused, taken] = await refreshes(app);
    expect(await refreshes(app)).toHaveLength(2);
    expect(Date.parse(taken?.time ?? "") - Date.parse(refused?.time ?? "")).toBeGreaterThanOrEqual(6_900);
  });

  it.each([
    ["names a date", new Date(Date.now() + 240_000).toUTCString(), 60, 240],
    ["is beyond reason", "999999999", 290, 300],
    ["is in the past", "Sat, 01 Jan 2000 00:00:00 GMT", 0, 1],
    ["says nothing", "soon", 0, 1],
    ["is negative", "-60", 0, 1],
  ])("a Retry-After that %s keeps people from their tokens for a bounded time", async (_, header, least, most) => {
    const browser = await withExpiredTokens(app, "jiwoo", [target]);
    await spoilRefresh(app, { kind: "respond", status: 503, headers: { "Retry-After": header } });
    expect(await probe(app.url, browser, target)).toMatchObject({ status: 503, error: "provider_unavailable" });
    const { id } = await grantOf(app, "jiwoo");
    const [row] = await app.rows<{ seconds: number }>(
      `SELECT extract(epoch FROM "retryAt" - now())::float seconds FROM "Grant" WHERE id = $1`,
      [id],
    );
    expect(row?.seconds).toBeGreaterThan(least - 10);
    expect(row?.seconds).toBeLessThanOrEqual(most);
    await app.rows(`UPDATE "Grant" SET "retryAt" = NULL WHERE id = $1`, [id]);
    expect((await probe(sibling.url, browser, target)).status).toBe(200);
  });

  it.each([
    [
      "its page of errors",
      { kind: "respond", status: 200, headers: { "Content-Type": "text/html" }, body: "<h1>oops" },
    ],
    ["nothing", { kind: "respond", status: 204 }],
    ["JSON that is no object", { kind: "respond", status: 200, json: null }],
    ["an endless answer", { kind: "flood", bytes: null }],
    ["a body that unpacks to a gigabyte", { kind: "gzip_bomb", bytes: 1_000_000_000 }],
    ["500", { kind: "respond", status: 500 }],
  ] as [string, FaultRuleInput["fault"]][])(
    "what stands in front of it answers with %s: try later, nothing is lost",
    async (_, fault) => {
      const browser = await withExpiredTokens(app, "jiwoo", [target]);
      await spoilRefresh(app, fault);
      expect(await probe(app.url, browser, target)).toMatchObject({ status: 503, error: "provider_unavailable" });
      await recovers(browser);
    },
  );

  it("a refused client is the operator's to mend, and costs nobody their grant", async () => {
    const browser = await withExpiredTokens(app, "jiwoo", [target]);
    await spoilRefresh(app, { kind: "respond", status: 401, json: { error: "invalid_client" } });
    expect(await probe(app.url, browser, target)).toMatchObject({ status: 503, error: "provider_misconfigured" });
    await expectLogged(app.instance, "provider.client_refused");
    await recovers(browser, sibling.url);
  });
});

describe("TE-04: a slow provider with a hundred calls of many people in flight", () => {
  const users = Array.from({ length: 20 }, (_, at) => `slow-${at}`);

  it.each([
    ["hangs", { kind: "hang" }, "504 provider_timeout", true],
    ["sends a byte now and then", { kind: "drip", bytes: 1, everyMs: 5_000 }, "504 provider_timeout", false],
    ["breaks off in the middle", { kind: "truncate", bytes: 200 }, "503 provider_unavailable", false],
  ] as [string, FaultRuleInput["fault"], string, boolean][])(
    "which %s: each is told in time, others work on",
    async (_, fault, told, isWhole) => {
      const browsers = await signedInCrowd(app, users);
      await expireTokens(app);
      const other = await signedIn(app, { user: "haneul" });
      await app.control.clearJournal("company");
      await spoilRefresh(app, fault, null);
      const bases = [app.url, sibling.url];
      const calls = browsers.flatMap((browser) =>
        Array.from({ length: 5 }, (_, at) => timed(probe(bases[at % 2] ?? "", browser))),
      );
      const waited: number[] = [];
      for (let turn = 0; turn < 20; turn += 1) {
        const { result, ms } = await timed(other.fetch(`${bases[turn % 2]}/api/me`));
        expect(result.status).toBe(200);
        waited.push(ms);
      }
      expect(waited.sort((a, b) => a - b)[18]).toBeLessThan(1_000);
      const answers = await Promise.all(calls);
      const said = answers.map(({ result: { status, error } }) => `${status} ${error}`);
      // Where the answer was cut off, who asks later learns from the provider that the refresh token is a used one.
      const also = [told, "503 provider_unavailable", ...(isWhole ? [] : ["401 reauthentication_required"])];
      // The process that asked knows what came of it; the other only that nothing did.
      for (const at of users.keys()) {
        const theirs = said.slice(at * 5, at * 5 + 5);
        expect(theirs).toContain(told);
        expect(theirs.filter((one) => !also.includes(one))).toEqual([]);
      }
      expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(10_000);
      const later = answers.filter(({ result }) => result.status >= 500);
      expect(later.every(({ result }) => /^\d+$/.test(result.retryAfter ?? ""))).toBe(true);
      const asked = (await refreshes(app)).length;
      if (isWhole) expect(asked).toBe(users.length);
      else expect(asked).toBeGreaterThanOrEqual(users.length);
      await clearSpoils(app);
      // Where the provider had rotated, it knows the old refresh token for a used one.
      const ends = await Promise.all(browsers.map((browser) => endOf(browser)));
      const expected = isWhole ? "200 null" : "401 reauthentication_required";
      expect(new Set(ends.map(({ status, error }) => `${status} ${error}`))).toEqual(new Set([expected]));
      expect((await whoIs(app, browsers[0] as HttpBrowser))?.sub).toBe(users[0]);
    },
  );

  async function endOf(browser: HttpBrowser): Promise<Probed> {
    await expect.poll(async () => (await probe(sibling.url, browser)).status, { interval: 500 }).toBeLessThan(500);
    return probe(sibling.url, browser);
  }
});

describe("a database that goes away between the provider's answer and the publication", () => {
  it("gets the rotated token when it is back, after the lease has ended; nobody is signed out", async () => {
    const patient = await app.startSibling({ OUTBOUND_TIMEOUT_MS: "1500" });
    const browser = await withExpiredTokens(app, "eunji", [target]);
    const before = await grantOf(app, "eunji");
    await spoilRefresh(app, { kind: "delay", delayMs: 300 });
    const asking = probe(patient.url, browser, target);
    await expect.poll(async () => (await refreshes(app)).length).toBe(1);
    await app.database.cut();
    const leaseEnd = `SELECT 1 FROM "Grant" WHERE id = $1 AND "leaseExpiresAt" < now()`;
    try {
      await expectLogged(patient, "token.waits_for_database");
      await expect.poll(() => app.rows(leaseEnd, [before.id])).toHaveLength(1);
    } finally {
      await app.database.mend();
    }
    // Whoever waited that long was told in time, if not what they wanted to hear.
    expect([200, 503, 504]).toContain((await asking).status);
    await recovers(browser, patient.url);
    expect(await grantOf(app, "eunji")).toMatchObject({
      endedAt: null,
      refreshCount: before.refreshCount + 1,
      leaseHolder: null,
    });
    expect(await whoIs(app, browser)).toMatchObject({ sub: "eunji" });
    await expireTokens(app);
    expect((await probe(sibling.url, browser, target)).status).toBe(200);
    expect(await app.control.counters("company")).toEqual({ refreshes: 2, reuseAlarms: 0 });
  });
});
