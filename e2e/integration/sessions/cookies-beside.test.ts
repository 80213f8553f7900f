import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { type RunningApp, startApp } from "../../../dev/run/app";
import { makeSecrets } from "../../../dev/run/secrets";
import { sessionCookie } from "../../support/cookies";
import { headBytes } from "../../support/head-bytes";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { meetProvider, shareTestApp, signedIn, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
/** Another app of the same make on this host, with secrets of its own. */
let neighbour: RunningApp;
beforeAll(async () => {
  app = await shareTestApp();
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  const env = { ...app.environment, PORT: String(port), AUTH_URL: url, AUTH_SECRET: makeSecrets().authSecret };
  neighbour = await startApp({ env, port });
});
afterAll(async () => {
  await neighbour.stop();
  await app.close();
});

const transactions = (browser: HttpBrowser) =>
  browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.tx."));

describe("FF-12: other cookies on the same host", () => {
  it("FF-12: another app of the same make, on another port, takes nothing away, nor is anything taken from it", async () => {
    const browser = await signedIn(app);
    const pending = await startSignIn(app, browser);
    const begun = transactions(browser);
    const other = await browser.request(`${neighbour.url}/sign-in`);
    const started = await browser.submit(other, 'data-provider="company"');
    expect(started.status).toBe(302);
    for (const path of ["/", "/account", "/api/me", "/api/auth/session"]) {
      await browser.request(neighbour.url + path);
      await browser.fetch(neighbour.url + path);
    }
    const form = { csrfToken: "x", scope: "device" };
    await browser.request(`${neighbour.url}/api/auth/signout`, { method: "POST", form });
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
    expect(transactions(browser)).toEqual(expect.arrayContaining(begun));
    const back = await meetProvider(app, browser, pending, "minsu");
    expect((await browser.request(back.location ?? "")).location).toBe(`${app.url}/account`);
    expect(sessionCookie(app.url)).not.toBe(sessionCookie(neighbour.url));
  });

  it("FF-12: a cookie that another app could own stays: an older one of the same make, and another's of NextAuth", async () => {
    const browser = await signedIn(app);
    const theirs = {
      "daemun.session": "eyJhbGciOiJkaXIifQ..theirs.theirs.theirs",
      "daemun.tx.0123456789abcdef": "eyJhbGciOiJkaXIifQ..theirs.theirs.theirs",
      "authjs.session-token": "eyJhbGciOiJkaXIifQ..theirs.theirs.theirs",
      "authjs.callback-url": "http%3A%2F%2Flocalhost%3A3001%2Faccount",
      "authjs.csrf-token": `${"a".repeat(64)}%7C${"b".repeat(64)}`,
    };
    for (const [name, value] of Object.entries(theirs)) browser.setCookie(app.url, name, value);
    await browser.request(`${app.url}/account`);
    await browser.fetch(`${app.url}/api/auth/session`);
    await startSignIn(app, browser);
    const page = await browser.request(`${app.url}/sign-out`);
    await browser.submit(page, 'data-scope="device"');
    expect(browser.cookieNames(app.url)).toEqual(expect.arrayContaining(Object.keys(theirs)));
  });

  it.each<[string, Record<string, string>]>([
    ["in pieces", Object.fromEntries([0, 1, 2].map((n) => [`daemun.session.${n}`, "x".repeat(900)]))],
    ["huge", { theirs: "x".repeat(6000) }],
    ["badly encoded", { a: "%E0%A4%A", b: "%", c: "\u00ff\u00fe", "d[": "{", e: '"' }],
    ["many", Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`their-${n}`, "y".repeat(50)]))],
    ["like a transaction's", Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`daemun.tx.${n}`, "x"]))],
  ])("FF-12: cookies that are %s cost neither sign-in nor session", async (_, cookies) => {
    const browser = new HttpBrowser();
    for (const [name, value] of Object.entries(cookies)) browser.setCookie(app.url, name, value);
    expect((await signIn(app, browser)).status).toBe(303);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
    expect((await browser.request(`${app.url}/account`)).status).toBe(200);
  });

  it("FF-12: at most five are taken away at a time, even of those with our own names", async () => {
    const browser = await signedIn(app);
    const { port } = new URL(app.url);
    for (let n = 10; n < 40; n += 1) browser.setCookie(app.url, `daemun.tx.${port}.00000000000000${n}`, "x");
    const cleared = ({ headers }: Page) => headers.getSetCookie().filter((line) => /^daemun\.tx\.[^;]*=;/.test(line));
    expect(cleared(await startSignIn(app, browser))).toHaveLength(5);
    const page = await browser.request(`${app.url}/sign-out`);
    expect(cleared(await browser.submit(page, 'data-scope="device"'))).toHaveLength(5);
  });

  it("FF-12: a session of version 0.1.0, which had no port in the name, goes on and can be ended", async () => {
    const browser = await signedIn(app);
    const name = sessionCookie(app.url);
    const old = new HttpBrowser();
    old.setCookie(app.url, "daemun.session", browser.cookie(app.url, name) ?? "");
    expect(await whoIs(app, old)).toMatchObject({ sub: "minsu" });
    expect((await old.request(`${app.url}/account`)).status).toBe(200);
    const page = await old.request(`${app.url}/sign-out`);
    await old.submit(page, 'data-scope="device"');
    expect(old.cookieNames(app.url)).not.toContain("daemun.session");
    expect(await whoIs(app, browser)).toBeNull();
  });
});

describe("FF-21: long deep links", () => {
  const links = Array.from({ length: 5 }, (_, n) => `/account/${n}?q=${"%EA%B0%80".repeat(205)}&n=${n}`.slice(0, 1900));

  it("FF-21: in five tabs at once each comes back to its own, in any order, within what servers and proxies take", async () => {
    const browser = new HttpBrowser();
    const started: Page[] = [];
    for (const returnTo of links) started.push(await startSignIn(app, browser, { returnTo }));
    expect(transactions(browser)).toHaveLength(5);
    expect(browser.cookieHeader(app.url).length).toBeLessThan(8000);
    for (const page of started) expect(headBytes(page)).toBeLessThan(3500);
    for (const tab of [3, 0, 4, 1, 2]) {
      const back = await meetProvider(app, browser, started[tab] as Page, "minsu");
      const returned = await browser.request(back.location ?? "");
      expect(returned.headers.get("location")).toBe(links[tab]);
      expect(headBytes(returned)).toBeLessThan(3500);
    }
  });

  it("FF-21: one that the gate turned away comes back to the letter, and no redirect on the way is too long", async () => {
    for (const link of [links[0] ?? "", `/account?q=${"x/".repeat(940)}`, `/account?${"%25&".repeat(470)}`]) {
      const browser = new HttpBrowser();
      const turned = await browser.request(app.url + link);
      expect([turned.status, headBytes(turned) < 3500]).toEqual([307, true]);
      const page = await browser.request(turned.location ?? "");
      const started = await browser.submit(page, 'data-provider="company"');
      const back = await meetProvider(app, browser, started, "minsu");
      expect((await browser.request(back.location ?? "")).headers.get("location")).toBe(link);
    }
  });

  it("FF-21: what is kept for one goes with the time of its sign-in", async () => {
    await startSignIn(app, new HttpBrowser(), { returnTo: links[0] ?? "" });
    const [row] = await app.rows<{ seconds: number }>(
      `SELECT extract(epoch FROM max("expiresAt") - now())::int AS seconds FROM "ReturnPath"`,
    );
    expect(row?.seconds).toBeGreaterThan(800);
    expect(row?.seconds).toBeLessThanOrEqual(900);
  });
});

describe('FF-25: a sign-in without "Keep me signed in"', () => {
  const linesOf = (browser: HttpBrowser) =>
    browser.setCookies.filter((line) => line.startsWith(`${sessionCookie(app.url)}=`));

  it("FF-25: leaves a cookie that goes with the browser, when it is renewed too, and the row as before", async () => {
    const sibling = await app.startSibling({ SESSION_IDLE_SECONDS: "5" });
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? sibling.url : null));
    await signIn(app, browser);
    const first = browser.cookie(app.url, sessionCookie(app.url));
    await expect
      .poll(
        async () => {
          await browser.request(`${app.url}/account`);
          return browser.cookie(app.url, sessionCookie(app.url)) !== first;
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    const lines = linesOf(browser);
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).not.toMatch(/max-age|expires/i);
    const [row] = await app.rows(
      `SELECT "rememberMe", "idleSeconds", ceil(extract(epoch FROM expires - "createdAt"))::int AS absolute
       FROM "Session" ORDER BY "createdAt" DESC LIMIT 1`,
    );
    expect(row).toEqual({ rememberMe: false, idleSeconds: 5, absolute: 43_200 });
  });

  it("FF-25: with it the cookie stays", async () => {
    const browser = await signedIn(app, { extra: { remember: "1" } });
    expect(linesOf(browser)).toEqual([expect.stringMatching(/; Max-Age=\d{7};/)]);
  });
});
