import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { meetProvider, openTestApp, startSignIn, type TestApp, whoIs } from "../../support/test-app";

const howMany = 100;
const users = Array.from({ length: howMany }, (_, at) => `crowd-${at}`);

let app: TestApp;
let instances: RunningApp[];
beforeAll(async () => {
  // The provider lives in the process of this test, and answers a hundred token requests one after the other. What is
  // tried here is the app.
  app = await openTestApp({ env: { OUTBOUND_TIMEOUT_MS: "9000", DISCOVERY_MAX_AGE_SECONDS: "30" } });
  instances = [app.instance, await app.startSibling()];
  for (const sub of users) {
    await app.control.putUser("company", {
      sub,
      login: sub,
      name: `Crowd ${sub}`,
      email: `${sub}@company.example`,
      emailVerified: true,
    });
  }
});
afterAll(() => app.close());

/** Each request goes to the next instance, whoever makes it, so that no sign-in stays on one. */
let turn = 0;
function nextInstance(url: URL): string | null {
  if (url.origin !== app.url) return null;
  turn += 1;
  return instances[turn % instances.length]?.url ?? null;
}

interface Outcome {
  sub: string;
  browser: HttpBrowser;
  callback: Page;
  callbackMs: number;
}

/** Where a busy machine answers too late, or closes a connection that it took for unused, its user tries again, as the page says. */
let triedAgain = 0;
async function signInAmongOthers(sub: string): Promise<Outcome> {
  const browser = new HttpBrowser(nextInstance);
  const back = await meetProvider(app, browser, await startSignIn(app, browser), sub);
  const startedAt = performance.now();
  const callback = await browser.request(back.location ?? "");
  if (
    /[?&]code=(?:provider_timeout|provider_unavailable|overloaded)(?:&|$)/.test(callback.location ?? "") &&
    triedAgain < howMany
  ) {
    triedAgain += 1;
    return signInAmongOthers(sub);
  }
  return { sub, browser, callback, callbackMs: performance.now() - startedAt };
}

it("CC-02: a hundred people who sign in at once over two instances are each themselves, in a hundred sessions", {
  timeout: 120_000,
}, async () => {
  const startedAt = performance.now();
  const outcomes = await Promise.all(users.map(signInAmongOthers));
  const tookMs = performance.now() - startedAt;
  const landed = outcomes.map(({ sub, callback }) => `${sub} ${callback.status} ${callback.headers.get("location")}`);
  expect(landed.filter((where) => !where.endsWith(" 303 /account"))).toEqual([]);
  const seen = await Promise.all(outcomes.map(async ({ browser }) => (await whoIs(app, browser))?.sub));
  expect(seen).toEqual(users);
  const ids = await Promise.all(outcomes.map(async ({ browser }) => (await whoIs(app, browser))?.user.id));
  expect(new Set(ids).size).toBe(howMany);
  const sessions = await app.rows<{ subject: string }>(`SELECT subject FROM "Session" WHERE "endedAt" IS NULL`);
  expect(sessions.map(({ subject }) => subject).sort()).toEqual([...users].sort());
  const [audited] = await app.rows(
    `SELECT count(*) FILTER (WHERE event = 'sign_in.succeeded')::int succeeded,
              count(*) FILTER (WHERE event = 'sign_in.failed')::int failed FROM "AuditEvent"`,
  );
  expect(audited).toEqual({ succeeded: howMany, failed: triedAgain });
  const callbacks = outcomes.map(({ callbackMs }) => callbackMs).sort((a, b) => a - b);
  console.log(
    `${howMany} sign-ins in ${Math.round(tookMs)} ms; callbacks: median ${Math.round(callbacks[howMany / 2] ?? 0)} ms, slowest ${Math.round(callbacks.at(-1) ?? 0)} ms`,
  );
});

it("CC-02: they can all leave at once, and nobody stays behind", async () => {
  const browsers = await Promise.all(users.slice(0, 30).map(signInAmongOthers));
  await Promise.all(
    browsers.map(async ({ browser }) => {
      const left = await browser.submit(await browser.request(`${app.url}/sign-out`), 'data-scope="device"');
      expect(left.status).toBe(303);
    }),
  );
  for (const { browser } of browsers) expect(await whoIs(app, browser)).toBeNull();
});
