import { execFileSync, spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import type { HttpBrowser } from "../../support/http-browser";
import { submitAction } from "../../support/server-action";
import { signedIn, type TestApp } from "../../support/test-app";
import {
  clearSpoils,
  expectWholeGrants,
  expireTokens,
  openTokenApp,
  ownersOfRefreshTokens,
  type Probed,
  probe,
  refreshes,
  shopping,
  spoilRefresh,
  store,
  type Target,
  withExpiredTokens,
} from "../../support/token-app";

// Debian's util-linux; elsewhere that test is skipped.
const hasTaskset = spawnSync("taskset", ["--version"]).status === 0;

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

/** The provider takes so long that whoever comes with the first is there before that one has its answer. */
const slowly = () => spoilRefresh(app, { kind: "delay", delayMs: 1_000 }, null);

/** Asks `times` at once on each of the processes. */
function crowd(browser: HttpBrowser, bases: string[], times: number, target: Target): Promise<Probed[]> {
  return Promise.all(Array.from({ length: times }, () => bases.map((base) => probe(base, browser, target))).flat());
}

function expectOneToken(answers: Probed[]): void {
  expect(new Set(answers.map(({ status, error }) => `${status} ${error}`))).toEqual(new Set(["200 null"]));
  const hashes = answers.flatMap(({ tokens }) => tokens.map(({ sha256 }) => sha256));
  expect(hashes.length).toBeGreaterThanOrEqual(answers.length);
  expect(new Set(hashes).size).toBe(1);
}

describe("many who ask for a token that has run out", () => {
  it("300 at once on each of two processes get one and the same, by one refresh, and no token is used twice", async () => {
    const browser = await withExpiredTokens(app, "minsu", [{ resource: shopping }]);
    await slowly();
    const startedAt = performance.now();
    const first = probe(app.url, browser, { resource: shopping });
    await expect.poll(async () => (await refreshes(app)).length).toBe(1);
    const others = await crowd(browser, [sibling.url, app.url], 300, { resource: shopping });
    const answers = [await first, ...others];
    console.log(`600 callers on two processes: ${Math.round(performance.now() - startedAt)} ms`);
    expect(answers).toHaveLength(601);
    expectOneToken(answers);
    expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
    expect(await refreshes(app)).toHaveLength(1);
  });

  it.runIf(hasTaskset)(
    "FF-74: 300 at once on each of two processes that share one core get one token too",
    async () => {
      const browser = await withExpiredTokens(app, "haneul", [{ resource: shopping }]);
      const processes = [app.instance, sibling].map(({ pid }) => String(pid));
      for (const pid of processes) execFileSync("taskset", ["-a", "-c", "-p", "0", pid]);
      try {
        expectOneToken(await crowd(browser, [sibling.url, app.url], 300, { resource: shopping }));
      } finally {
        for (const pid of processes) execFileSync("taskset", ["-a", "-c", "-p", `0-${cpus().length - 1}`, pid]);
      }
      expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
    },
  );

  it("300 within one request on each of two processes do as well", async () => {
    const browser = await withExpiredTokens(app, "minsu");
    const answers = await Promise.all([app.url, sibling.url].map((base) => probe(base, browser, {}, 300)));
    expect(answers.map(({ tokens }) => tokens.length)).toEqual([300, 300]);
    expectOneToken(answers);
    expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("RF-02: 20 callers on one process cause one refresh", async () => {
    const browser = await withExpiredTokens(app, "jiwoo", [{ resource: store }]);
    expectOneToken(await crowd(browser, [app.url], 20, { resource: store }));
    expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("RF-03: 10 callers on each of two processes cause one refresh", async () => {
    const browser = await withExpiredTokens(app, "eunji", [{ resource: store }]);
    await slowly();
    expectOneToken(await crowd(browser, [app.url, sibling.url], 10, { resource: store }));
    expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("RF-03: a page, a route handler and a server action that need it at once cause one refresh, on two processes", async () => {
    const target = { resource: shopping };
    const browser = await withExpiredTokens(app, "minsu", [target]);
    const forms = await Promise.all(
      [app.url, sibling.url].map((base) => browser.request(`${base}/probe?${new URLSearchParams(target)}`)),
    );
    await expireTokens(app);
    await app.control.clearJournal("company");
    const [rendered, handled, ...acted] = await Promise.all([
      browser.request(`${sibling.url}/probe?${new URLSearchParams(target)}`),
      probe(app.url, browser, target),
      ...forms.map((form) => submitAction(browser, form, target)),
    ]);
    const hashes = (body: string) =>
      [...body.matchAll(/sha256(?:&quot;|\\*"):(?:&quot;|\\*")([0-9a-f]{64})/g)].map(([, hash]) => hash ?? "");
    expect(hashes(rendered.body).length).toBeGreaterThanOrEqual(3);
    for (const { body } of acted) expect(hashes(body).length).toBeGreaterThanOrEqual(4);
    const seen = [rendered, ...acted].flatMap(({ body }) => hashes(body));
    expect(new Set([...seen, handled.tokens[0]?.sha256]).size).toBe(1);
    expect(await app.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("RF-10: two people with two APIs and an organization each get their own, and the provider is asked once for each", async () => {
    const users = ["minsu", "haneul"];
    const targets: Target[] = [{ resource: shopping }, { resource: store }, { organization: "org_hanok" }];
    const browsers = await Promise.all(users.map((user) => signedIn(app, { user })));
    const browserOf = (user: string) => browsers[users.indexOf(user)] as HttpBrowser;
    const asked = users.flatMap((user) => targets.map((target) => ({ user, target })));
    for (const { user, target } of asked) await probe(app.url, browserOf(user), target);
    await expireTokens(app);
    const owners = await ownersOfRefreshTokens(app);
    const since = (await app.control.journal("company")).at(-1)?.seq ?? 0;
    const before = await app.control.counters("company");

    const bases = [app.url, sibling.url];
    const answers = await Promise.all(
      asked.map(async ({ user, target }) => ({
        user,
        target,
        answers: await crowd(browserOf(user), bases, 25, target),
      })),
    );
    for (const { user, target, answers: probed } of answers) {
      expectOneToken(probed);
      const { resource = null, organization = null } = target;
      expect(probed[0]?.tokens[0]).toMatchObject({
        sub: user,
        resource,
        organization,
        aud: resource ?? `urn:logto:organization:${organization}`,
        ...(organization && { organization_id: organization }),
      });
    }
    expect(new Set(answers.map(({ answers: [first] }) => first?.tokens[0]?.sha256)).size).toBe(asked.length);

    for (const [token, sub] of await ownersOfRefreshTokens(app)) owners.set(token, sub);
    const requests = await app.control.journal("company", { endpoint: "token", since });
    const seen = requests.map(({ form: { refresh_token: token, resource, organization_id: organization } }) =>
      JSON.stringify([owners.get(String(token)), resource ?? null, organization ?? null]),
    );
    const expected = asked.map(({ user, target: { resource = null, organization = null } }) =>
      JSON.stringify([user, resource, organization]),
    );
    expect(seen.sort()).toEqual(expected.sort());
    const after = await app.control.counters("company");
    expect([after.refreshes - before.refreshes, after.reuseAlarms]).toEqual([asked.length, 0]);
  });
});
