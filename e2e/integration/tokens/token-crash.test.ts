import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import type { HttpBrowser } from "../../support/http-browser";
import { signedIn, signIn, type TestApp, whoIs } from "../../support/test-app";
import {
  clearSpoils,
  expectWholeGrants,
  expireTokens,
  grantOf,
  openTokenApp,
  probe,
  refreshes,
  shopping,
  signedInCrowd,
  spoilRefresh,
  withExpiredTokens,
} from "../../support/token-app";

let app: TestApp;
let survivor: RunningApp;
beforeAll(async () => {
  ({ app, sibling: survivor } = await openTokenApp());
}, 240_000);
afterEach(() => clearSpoils(app));
afterAll(() => app?.close());

/** Ends a process as the kernel does when memory is short. */
async function kill(instance: RunningApp): Promise<void> {
  process.kill(-instance.pid, "SIGKILL");
  await instance.exit;
}

/** Resolves with the first `count` of some calls. */
const reached = (count: number, calls: Promise<unknown>[]) =>
  new Promise<void>((resolve) => {
    let done = 0;
    for (const call of calls)
      call.then(
        () => ++done === count && resolve(),
        () => {},
      );
  });

/** Three hundred callers at once, ten to a request. */
const crowdAt = ({ url }: RunningApp, browser: HttpBrowser) =>
  Array.from({ length: 30 }, () => probe(url, browser, { resource: shopping }, 10));

/** What a call became, of a process that may die under it. */
const settled = (calls: ReturnType<typeof probe>[]) => Promise.allSettled(calls);

/**
 * A refresh that the provider has answered, and that waits to be written down: somebody else holds the row.
 *
 * @param callers asks for the token once the lease is taken
 */
async function heldBeforeCommit<T>(user: string, doomed: RunningApp, browser: HttpBrowser, callers: () => T) {
  const other = new pg.Client({ connectionString: app.database.url });
  other.on("error", () => {});
  await other.connect();
  // What it does first takes it longest.
  expect((await probe(doomed.url, browser, { resource: shopping })).status).toBe(200);
  await expireTokens(app);
  await app.control.clearJournal("company");
  await spoilRefresh(app, { kind: "delay", delayMs: 1_000 });
  const lost = settled([probe(doomed.url, browser, { resource: shopping })]);
  await expect.poll(async () => (await refreshes(app)).length).toBe(1);
  const before = await grantOf(app, user);
  await other.query("BEGIN");
  await other.query(`SELECT id FROM "Grant" WHERE id = $1 FOR UPDATE`, [before.id]);
  const more = settled(crowdAt(doomed, browser));
  const waiting = callers();
  await expect.poll(async () => (await refreshes(app))[0]?.status).toBe(200);
  await expect.poll(async () => (await waitingBackends()).length).toBe(1);
  return { other, before, lost: Promise.all([lost, more]), waiting };
}

/** Statements of the app that wait for a row. */
const waitingBackends = () =>
  app.rows<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );

describe("a process that is killed between the provider's answer and the commit", () => {
  it("RF-07: a process killed with 300 callers leaves the other one's 300 a clean end: sign in again, and no loop", {
    timeout: 90_000,
  }, async () => {
    const doomed = await app.startSibling({ OUTBOUND_TIMEOUT_MS: "2500" });
    const elsewhere = await signedIn(app, { user: "minsu" });
    const browser = await withExpiredTokens(app, "minsu", [{ resource: shopping }]);
    const { other, before, lost, waiting } = await heldBeforeCommit("minsu", doomed, browser, () => ({
      startedAt: performance.now(),
      calls: crowdAt(survivor, browser),
    }));
    await kill(doomed);
    // PostgreSQL would carry out what the dead process has sent. Here that never arrived.
    for (const { pid } of await waitingBackends()) await app.rows("SELECT pg_terminate_backend($1)", [pid]);
    await expect.poll(async () => (await waitingBackends()).length).toBe(0);
    await other.query("ROLLBACK");
    await other.end();
    expect((await lost).flat().filter(({ status }) => status === "fulfilled")).toEqual([]);

    const answers = await Promise.all(waiting.calls);
    expect(performance.now() - waiting.startedAt).toBeLessThan(12_000);
    const told = answers.map(({ status, error }) => `${status} ${error}`);
    // The second is for who has waited as long as a person should: the next try tells them.
    const clean = ["401 reauthentication_required", "504 provider_timeout"];
    expect(told.filter((one) => !clean.includes(one))).toEqual([]);
    await expect
      .poll(() => probe(survivor.url, browser, { resource: shopping }))
      .toMatchObject({ status: 401, error: "reauthentication_required" });
    expect(await grantOf(app, "minsu")).toMatchObject({
      id: before.id,
      endReason: "invalid_grant",
      sealedRefreshToken: null,
      refreshCount: before.refreshCount,
      tokens: 0,
    });
    await expectWholeGrants(app);
    expect(await app.control.counters("company")).toMatchObject({ reuseAlarms: 1 });

    const asked = (await refreshes(app)).length;
    expect(asked).toBe(2);
    for (const base of [app.url, survivor.url]) {
      expect((await probe(base, browser, { resource: shopping })).status).toBe(401);
    }
    expect(await refreshes(app)).toHaveLength(asked);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
    await expireTokens(app);
    expect((await probe(survivor.url, elsewhere, { resource: shopping })).status).toBe(200);
    expect((await signIn(app, browser)).status).toBe(303);
    expect((await probe(survivor.url, browser, { resource: shopping })).status).toBe(200);
  });

  it("RF-07: a killed process loses nothing when its last statement reached the database", {
    timeout: 90_000,
  }, async () => {
    const doomed = await app.startSibling({ OUTBOUND_TIMEOUT_MS: "2500" });
    const browser = await withExpiredTokens(app, "haneul", [{ resource: shopping }]);
    const { other, lost, waiting } = await heldBeforeCommit("haneul", doomed, browser, () =>
      crowdAt(survivor, browser),
    );
    await kill(doomed);
    await other.query("ROLLBACK");
    await other.end();
    expect((await lost).flat().filter(({ status }) => status === "fulfilled")).toEqual([]);
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ status, tokens }) => `${status} ${tokens[0]?.sha256}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
    await expectWholeGrants(app);
  });
});

describe("a process that goes while the provider has not answered", () => {
  const target = { resource: shopping };

  it("killed, is replaced when its lease has ended: callers of the other one wait, and get a token", async () => {
    const doomed = await app.startSibling({ OUTBOUND_TIMEOUT_MS: "1000" });
    const browser = await withExpiredTokens(app, "jiwoo", [target]);
    await spoilRefresh(app, { kind: "hang" });
    const lost = settled([probe(doomed.url, browser, target)]);
    await expect.poll(async () => (await refreshes(app)).length).toBe(1);
    await kill(doomed);
    expect((await lost)[0]?.status).toBe("rejected");
    const answers = await Promise.all(crowdAt(survivor, browser));
    expect(new Set(answers.map(({ status, tokens }) => `${status} ${tokens[0]?.sha256}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
    await expectWholeGrants(app);
  });

  it("asked to end, finishes what it has begun", async () => {
    const leaving = await app.startSibling();
    const browser = await withExpiredTokens(app, "eunji", [target]);
    await spoilRefresh(app, { kind: "delay", delayMs: 1_000 });
    const asking = probe(leaving.url, browser, target);
    await expect.poll(async () => (await refreshes(app)).length).toBe(1);
    const [answered] = await Promise.all([asking, leaving.stop()]);
    expect(answered.status).toBe(200);
    expect((await probe(survivor.url, browser, target)).tokens).toEqual(answered.tokens);
    expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("is not needed by the one who asked: a browser that goes away costs nobody the new token", async () => {
    const browser = await withExpiredTokens(app, "maximilian", [target]);
    const before = await grantOf(app, "maximilian");
    await spoilRefresh(app, { kind: "delay", delayMs: 1_000 });
    const impatient = new AbortController();
    const asking = fetch(`${app.url}/api/probe?${new URLSearchParams(target)}`, {
      headers: { Cookie: browser.cookieHeader(app.url) },
      signal: impatient.signal,
    });
    await expect.poll(async () => (await refreshes(app)).length).toBe(1);
    impatient.abort();
    await expect(asking).rejects.toThrow("aborted");
    await expect.poll(async () => (await grantOf(app, "maximilian")).refreshCount).toBe(before.refreshCount + 1);
    expect((await probe(survivor.url, browser, target)).status).toBe(200);
    expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });
});

describe("OU-08: one of two processes that is killed while fifty people's tokens are refreshed", () => {
  const users = Array.from({ length: 50 }, (_, at) => `crowd-${at}`);

  it("leaves each of them with a token or a clean end, and no half row", { timeout: 120_000 }, async () => {
    const browsers = await signedInCrowd(app, users);
    const doomed = await app.startSibling({ OUTBOUND_TIMEOUT_MS: "2500" });
    const bases = [survivor.url, doomed.url];
    // Both know the provider and the database by then, so that neither is behind.
    for (const base of bases) await Promise.all(browsers.slice(0, 10).map((browser) => probe(base, browser)));
    await expireTokens(app);
    await app.control.clearJournal("company");
    await spoilRefresh(app, { kind: "delay", delayMs: 300 }, null);
    const calls = browsers.map((browser, at) => probe(bases[at % 2] ?? "", browser));
    const ends = settled(calls);
    // A few of its callers have their tokens; of the others, some answers are on their way.
    await reached(
      3,
      calls.filter((_, at) => at % 2 === 1),
    );
    await kill(doomed);
    const cut = (await ends).filter(({ status }) => status === "rejected").length;
    expect(cut).toBeGreaterThan(0);
    await clearSpoils(app);
    const reborn = await app.startSibling();
    const last = await Promise.all(
      browsers.map(async (browser) => {
        // Until the dead process's lease has ended, there is nothing to be had.
        await expect.poll(async () => (await probe(reborn.url, browser)).status, { interval: 500 }).toBeLessThan(500);
        return probe(reborn.url, browser);
      }),
    );
    const told = last.map(({ status, error }) => `${status} ${error}`);
    const lost = told.filter((one) => one === "401 reauthentication_required").length;
    console.log(`killed under ${cut} callers; ${lost} of ${users.length} have to sign in again`);
    expect(told.filter((one) => one === "200 null").length + lost).toBe(users.length);
    expect(lost).toBeLessThanOrEqual(cut);
    await expectWholeGrants(app);
    for (const [at, browser] of browsers.entries()) {
      expect(await whoIs(app, browser)).toMatchObject({ sub: users[at] });
      if (last[at]?.status === 200) continue;
      expect((await signIn(app, browser, { user: users[at] ?? "" })).status).toBe(303);
      expect((await probe(reborn.url, browser)).status).toBe(200);
    }
  });
});
