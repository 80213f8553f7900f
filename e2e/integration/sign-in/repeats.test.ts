import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { callbackFor, connections, exchanges, forgetConnections } from "../../support/connecting";
import { count } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, shareTestApp, signedIn, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterEach(() => forgetConnections(app));
afterAll(() => app.close());

async function returning(returnTo: string) {
  const browser = new HttpBrowser();
  const back = await meetProvider(app, browser, await startSignIn(app, browser, { returnTo }), "minsu");
  return { browser, callback: back.location ?? "" };
}

const ahead: [string, Record<string, string>][] = [
  ["Sec-Purpose", { "Sec-Purpose": "prefetch" }],
  ["Sec-Purpose of a prerender", { "Sec-Purpose": "prefetch;prerender" }],
  ["Purpose", { Purpose: "prefetch" }],
  ["X-Moz", { "X-Moz": "prefetch" }],
  ["Next-Router-Prefetch", { "Next-Router-Prefetch": "1" }],
];

describe("a callback that is fetched ahead", () => {
  it.each(ahead)("by %s spends nothing, and works when the user comes", async (_, headers) => {
    const { browser, callback } = await returning("/account/activity");
    const before = await count(app);
    const cookies = browser.cookieNames(app.url);
    const answered = await browser.request(callback, { headers });
    expect(answered.status).toBe(400);
    expect((await browser.request(callback, { method: "HEAD" })).status).toBe(405);
    expect(browser.cookieNames(app.url)).toEqual(cookies);
    expect(await count(app)).toEqual(before);
    expect((await browser.request(callback)).location).toBe(`${app.url}/account/activity`);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
  });

  it.each(ahead)("at the connecting of a service by %s spends nothing either", async (_, headers) => {
    const browser = await signedIn(app);
    const callback = await callbackFor(app, browser, { returnTo: "/account/activity" });
    const cookies = browser.cookieNames(app.url);
    expect((await browser.request(callback, { headers })).status).toBe(400);
    expect((await browser.request(callback, { method: "HEAD" })).status).toBe(405);
    expect([await exchanges(app), await connections(app)]).toEqual([0, []]);
    expect(browser.cookieNames(app.url)).toEqual(cookies);
    expect((await browser.request(callback)).location).toBe(`${app.url}/account/activity`);
    expect([await exchanges(app), (await connections(app)).length]).toEqual([1, 1]);
  });
});

describe("a step that arrives twice", () => {
  it("the callback leads the browser that it signed in to where it wanted to go, and makes no second session", async () => {
    const long = `/account/activity?q=${"x".repeat(1800)}`;
    for (const returnTo of ["/account/activity?a=1", long]) {
      const { browser, callback } = await returning(returnTo);
      expect((await browser.request(callback)).headers.get("location")).toBe(returnTo);
      const before = await count(app);
      const cookie = browser.cookieHeader(app.url);
      for (let again = 0; again < 2; again += 1) {
        const repeated = await browser.request(callback);
        expect([repeated.status, repeated.headers.get("location")]).toEqual([303, returnTo]);
      }
      expect(browser.cookieHeader(app.url)).toBe(cookie);
      const { sessions, tokenRequests } = await count(app);
      expect({ sessions, tokenRequests }).toEqual({ sessions: before.sessions, tokenRequests: before.tokenRequests });
    }
  });

  it("the form of a sign-in leaves a sign-in that works, with whichever of its answers came", async () => {
    for (const which of [0, 1]) {
      const browser = new HttpBrowser();
      const page = await browser.request(`${app.url}/sign-in?returnTo=%2Faccount%2Factivity`);
      const answers = await Promise.all([0, 1].map(() => browser.submit(page, 'data-provider="company"')));
      const back = await meetProvider(app, browser, answers[which] as never, "minsu");
      expect((await browser.request(back.location ?? "")).location).toBe(`${app.url}/account/activity`);
    }
  });

  it("signing out everywhere, whose first answer was lost, is told as what it was", async () => {
    const others = [await signedIn(app, { user: "jiwoo" }), await signedIn(app, { user: "jiwoo" })];
    const browser = await signedIn(app, { user: "jiwoo" });
    const page = await browser.request(`${app.url}/sign-out`);
    await browser.clone().submit(page, 'data-scope="everywhere"');
    const again = await browser.submit(page, 'data-scope="everywhere"');
    expect(new URL(again.location ?? "").origin).toBe(app.issuers.company);
    const told = (await browser.request(`${app.url}/signed-out`)).body;
    expect(told).toContain("3 sessions, on all your devices");
    for (const other of others) expect(await whoIs(app, other)).toBeNull();
    // A later sign-in is none of its business.
    const later = await signedIn(app, { user: "jiwoo" });
    const thief = browser.clone();
    await thief.submit(page, 'data-scope="everywhere"');
    expect(await whoIs(app, later)).toMatchObject({ sub: "jiwoo" });
  });

  it("ending the other sessions is done once, and said the same way", async () => {
    await signedIn(app, { user: "eunji" });
    const mine = await signedIn(app, { user: "eunji" });
    const { csrfToken } = JSON.parse((await mine.fetch(`${app.url}/api/auth/csrf`)).body);
    const url = `${app.url}/api/account/sessions/end`;
    const twice = await Promise.all(
      [0, 1].map(() => mine.clone().request(url, { method: "POST", form: { csrfToken, which: "others" } })),
    );
    expect(twice.map(({ location }) => location)).toEqual(Array(2).fill(`${app.url}/account/sessions?ended=1`));
    expect(await app.rows(`SELECT 1 FROM "Session" WHERE subject = 'eunji' AND "endedAt" IS NULL`)).toHaveLength(1);
    expect((await signIn(app, mine, { user: "eunji" })).status).toBe(303);
  });
});
