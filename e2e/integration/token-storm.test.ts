import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../dev/app";
import { type House, signedIn } from "./house";
import type { HttpBrowser } from "./http-browser";
import { submitAction } from "./server-action";
import {
  clearSpoils,
  expectWholeGrants,
  expireTokens,
  openTokenHouse,
  ownersOfRefreshTokens,
  type Probed,
  probe,
  refreshes,
  shopping,
  soon,
  spoilRefresh,
  store,
  type Target,
  withExpiredTokens,
} from "./token-house";

let house: House;
let sibling: RunningApp;
beforeAll(async () => {
  ({ house, sibling } = await openTokenHouse());
}, 240_000);
afterEach(async () => {
  await clearSpoils(house);
  await expectWholeGrants(house);
});
afterAll(() => house?.close());

/** The provider takes so long that whoever comes with the first is there before that one has its answer. */
const slowly = () => spoilRefresh(house, { kind: "delay", delayMs: 2_500 }, null);

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
    const browser = await withExpiredTokens(house, "minsu", [{ resource: shopping }]);
    await slowly();
    const startedAt = performance.now();
    const first = probe(house.url, browser, { resource: shopping });
    await expect.poll(async () => (await refreshes(house)).length, soon).toBe(1);
    const others = await crowd(browser, [sibling.url, house.url], 300, { resource: shopping });
    const answers = [await first, ...others];
    console.log(`600 callers on two processes: ${Math.round(performance.now() - startedAt)} ms`);
    expect(answers).toHaveLength(601);
    expectOneToken(answers);
    expect(await house.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
    expect(await refreshes(house)).toHaveLength(1);
  });

  it("300 within one request on each of two processes do as well", async () => {
    const browser = await withExpiredTokens(house, "minsu");
    const answers = await Promise.all([house.url, sibling.url].map((base) => probe(base, browser, {}, 300)));
    expect(answers.map(({ tokens }) => tokens.length)).toEqual([300, 300]);
    expectOneToken(answers);
    expect(await house.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("RF-02: 20 on one process cause one refresh", async () => {
    const browser = await withExpiredTokens(house, "jiwoo", [{ resource: store }]);
    expectOneToken(await crowd(browser, [house.url], 20, { resource: store }));
    expect(await house.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("RF-03: 10 on each of two processes cause one refresh", async () => {
    const browser = await withExpiredTokens(house, "eunji", [{ resource: store }]);
    await slowly();
    expectOneToken(await crowd(browser, [house.url, sibling.url], 10, { resource: store }));
    expect(await house.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("RF-03: a page, a route handler and a server action that need it at once cause one refresh, on two processes", async () => {
    const target = { resource: shopping };
    const browser = await withExpiredTokens(house, "minsu", [target]);
    const forms = await Promise.all(
      [house.url, sibling.url].map((base) => browser.request(`${base}/probe?${new URLSearchParams(target)}`)),
    );
    await expireTokens(house);
    await house.control.clearJournal("company");
    const [rendered, handled, ...acted] = await Promise.all([
      browser.request(`${sibling.url}/probe?${new URLSearchParams(target)}`),
      probe(house.url, browser, target),
      ...forms.map((form) => submitAction(browser, form, target)),
    ]);
    const hashes = (body: string) =>
      [...body.matchAll(/sha256(?:&quot;|\\*"):(?:&quot;|\\*")([0-9a-f]{64})/g)].map(([, hash]) => hash ?? "");
    expect(hashes(rendered.body).length).toBeGreaterThanOrEqual(3);
    for (const { body } of acted) expect(hashes(body).length).toBeGreaterThanOrEqual(4);
    const seen = [rendered, ...acted].flatMap(({ body }) => hashes(body));
    expect(new Set([...seen, handled.tokens[0]?.sha256]).size).toBe(1);
    expect(await house.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("RF-10: two people with two APIs and an organization each get their own, and the provider is asked once for each", async () => {
    const people = ["minsu", "haneul"];
    const targets: Target[] = [{ resource: shopping }, { resource: store }, { organization: "org_hanok" }];
    const browsers = await Promise.all(people.map((person) => signedIn(house, { person })));
    const browserOf = (person: string) => browsers[people.indexOf(person)] as HttpBrowser;
    const asked = people.flatMap((person) => targets.map((target) => ({ person, target })));
    for (const { person, target } of asked) await probe(house.url, browserOf(person), target);
    await expireTokens(house);
    const owners = await ownersOfRefreshTokens(house);
    const since = (await house.control.journal("company")).at(-1)?.seq ?? 0;
    const before = await house.control.counters("company");

    const bases = [house.url, sibling.url];
    const answers = await Promise.all(
      asked.map(async ({ person, target }) => ({
        person,
        target,
        answers: await crowd(browserOf(person), bases, 25, target),
      })),
    );
    for (const { person, target, answers: probed } of answers) {
      expectOneToken(probed);
      const { resource = null, organization = null } = target;
      expect(probed[0]?.tokens[0]).toMatchObject({
        sub: person,
        resource,
        organization,
        aud: resource ?? `urn:logto:organization:${organization}`,
        ...(organization && { organization_id: organization }),
      });
    }
    expect(new Set(answers.map(({ answers: [first] }) => first?.tokens[0]?.sha256)).size).toBe(asked.length);

    for (const [token, sub] of await ownersOfRefreshTokens(house)) owners.set(token, sub);
    const requests = await house.control.journal("company", { endpoint: "token", since });
    const seen = requests.map(({ form: { refresh_token: token, resource, organization_id: organization } }) =>
      JSON.stringify([owners.get(String(token)), resource ?? null, organization ?? null]),
    );
    const expected = asked.map(({ person, target: { resource = null, organization = null } }) =>
      JSON.stringify([person, resource, organization]),
    );
    expect(seen.sort()).toEqual(expected.sort());
    const after = await house.control.counters("company");
    expect([after.refreshes - before.refreshes, after.reuseAlarms]).toEqual([asked.length, 0]);
  });
});
