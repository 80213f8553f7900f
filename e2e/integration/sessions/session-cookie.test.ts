import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import type { RunningApp } from "../../../dev/run/app";
import { startApp } from "../../../dev/run/app";
import { sessionCookie } from "../../support/cookies";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { shareTestApp, signedIn, signIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await shareTestApp();
  sibling = await app.startSibling();
});
afterAll(() => app.close());

const cookieName = () => sessionCookie(app.url);

/** Every surface that reads a session, asked by a browser: its status, and what it gave. */
async function surfaces(browser: HttpBrowser, base: string) {
  const rsc = { RSC: "1", "Sec-Fetch-Mode": "cors", Accept: "*/*" };
  return {
    page: await browser.request(`${base}/account`),
    rsc: await browser.request(`${base}/account`, { headers: rsc }),
    handler: await browser.fetch(`${base}/api/me`),
    nextAuth: await browser.fetch(`${base}/api/auth/session`),
    action: await browser.request(`${base}/account`, {
      method: "POST",
      headers: { "Next-Action": "0".repeat(42), "Sec-Fetch-Mode": "cors", Accept: "text/x-component" },
      body: "[]",
    }),
  };
}

async function expectDenied(browser: HttpBrowser, base: string): Promise<void> {
  const { page, rsc, handler, nextAuth, action } = await surfaces(browser, base);
  expect(page.status).toBe(307);
  expect(new URL(page.location ?? "").pathname).toBe("/sign-in");
  for (const [name, answered] of Object.entries({ rsc, handler, action })) {
    expect(answered.status, name).toBeGreaterThanOrEqual(300);
    expect(answered.status, name).toBeLessThan(500);
  }
  expect(handler.status).toBe(401);
  expect(nextAuth.body).toBe("null");
  for (const answered of [page, rsc, handler, nextAuth, action]) {
    expect(answered.body).not.toContain("minsu");
    expect(answered.headers.get("cache-control")).toContain("no-store");
  }
}

describe("the session cookie", () => {
  it("SC-01: the session cookie is one small, opaque cookie with every attribute, and the browser sees no token", async () => {
    const browser = await signedIn(app);
    const lines = browser.setCookies.filter((line) => line.startsWith(`${cookieName()}=`));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(lines[0]).not.toContain("Domain");
    expect(lines[0]?.length).toBeLessThan(1500);
    for (const line of browser.setCookies) expect(line.length).toBeLessThan(4096);
    expect(browser.cookieHeader(app.url).length).toBeLessThan(8192);
    const session = await browser.fetch(`${app.url}/api/auth/session`);
    const me = await browser.fetch(`${app.url}/api/me`);
    const page = await browser.request(`${app.url}/account`);
    const issued = await app.control.issued("company");
    const tokens = issued.flatMap(({ accessToken, refreshToken, idToken }) => [accessToken, refreshToken, idToken]);
    for (const token of tokens) {
      if (token === null) continue;
      for (const text of [session.body, me.body, page.body, ...browser.setCookies, app.instance.output()]) {
        expect(text.includes(token)).toBe(false);
      }
    }
    const told = ["expires", "organization", "provider", "roles", "user"];
    expect(Object.keys(JSON.parse(session.body)).sort()).toEqual(told);
  });

  it("SC-01: over https the session cookie is a __Host- cookie, and so is every other", async () => {
    const port = await findFreePort();
    const env = {
      ...app.environment,
      PORT: String(port),
      AUTH_URL: "https://gate.test",
      ALLOW_HTTP_LOOPBACK: "true",
    };
    const instance = await startApp({ env, port });
    try {
      const browser = new HttpBrowser();
      const page = await browser.request(`http://localhost:${port}/sign-in`);
      const token = /name="csrfToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
      const started = await browser.request(`http://localhost:${port}/api/auth/signin/company`, {
        method: "POST",
        form: { csrfToken: token },
        headers: { Origin: "https://gate.test" },
      });
      expect(started.status).toBe(302);
      expect(new URL(started.location ?? "").searchParams.get("redirect_uri")).toBe(
        "https://gate.test/api/auth/callback/company",
      );
      expect(browser.setCookies.length).toBeGreaterThanOrEqual(2);
      for (const line of browser.setCookies) {
        expect(line).toMatch(/^__Host-daemun\./);
        expect(line).toMatch(/; Secure/i);
        expect(line).toMatch(/; HttpOnly/i);
        expect(line).toMatch(/; SameSite=Lax/i);
        expect(line).toMatch(/; Path=\/(;|$)/);
        expect(line).not.toContain("Domain");
      }
    } finally {
      await instance.stop();
    }
  });

  it("SC-02: a cookie that is not whole and ours makes its bearer nobody, and is taken away", async () => {
    const good = (await signedIn(app)).cookie(app.url, cookieName()) ?? "";
    const parts = good.split(".");
    const broken = [
      ...parts.map((_, at) =>
        parts.map((part, index) => (index === at ? `A${part.slice(1) || "A"}x` : part)).join("."),
      ),
      good.slice(0, -5),
      good.slice(5),
      "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtaW5zdSJ9.",
      "not-a-jwe",
      "%FF%FE",
      "\u00e9".repeat(10),
      "x".repeat(3000),
    ];
    for (const value of broken) {
      const browser = new HttpBrowser();
      browser.setCookie(app.url, cookieName(), encodeURI(value));
      const page = await browser.request(`${app.url}/account`);
      expect(page.status).toBe(307);
      expect(browser.setCookies.find((line) => line.startsWith(`${cookieName()}=;`))).toMatch(/Path=\/.*Max-Age=0/);
      browser.setCookie(app.url, cookieName(), encodeURI(value));
      expect((await browser.fetch(`${app.url}/api/me`)).status).toBe(401);
      expect((await browser.request(`${app.url}/`)).status).toBe(200);
    }
    const bearer = await new HttpBrowser().fetch(`${app.url}/api/me`, { headers: { Authorization: "Bearer %" } });
    expect(bearer.status).toBe(401);
  });

  it("SC-02: strangers' cookies beside the session's, and NextAuth's own names, do not disturb it, and the latter are taken away", async () => {
    const browser = await signedIn(app);
    for (const name of [
      "authjs.session-token",
      "__Secure-authjs.session-token",
      "authjs.callback-url",
      "daemun.session.0",
      "daemun.sessionx",
      "next-auth.session-token",
    ]) {
      browser.setCookie(app.url, name, "javascript:alert(1)");
    }
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    const session = await browser.fetch(`${app.url}/api/auth/session`);
    expect(JSON.parse(session.body).user).toBeTruthy();
    expect(browser.cookieNames(app.url).filter((name) => name.includes("auth"))).toEqual([]);
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
  });

  it("MW-06: a callback-url cookie of any kind neither opens the gate nor shuts it", async () => {
    for (const value of ["javascript:alert(1)", "data:text/html,x", "http://["]) {
      const stranger = new HttpBrowser();
      stranger.setCookie(app.url, "authjs.callback-url", encodeURIComponent(value));
      expect((await stranger.request(`${app.url}/account`)).status).toBe(307);
      const user = await signedIn(app);
      user.setCookie(app.url, "authjs.callback-url", encodeURIComponent(value));
      expect((await user.request(`${app.url}/account`)).status).toBe(200);
      expect((await user.fetch(`${app.url}/api/auth/session`)).status).toBe(200);
    }
  });

  it("SC-04: signing in makes a new session, whatever the browser brought, and ends the one it had", async () => {
    const attacker = await signedIn(app, { user: "eunji" });
    const owner = await whoIs(app, attacker);
    const planted = attacker.cookie(app.url, cookieName()) ?? "";
    const victim = new HttpBrowser();
    victim.setCookie(app.url, cookieName(), planted);
    await signIn(app, victim, { user: "haneul" });
    expect(victim.cookie(app.url, cookieName())).not.toBe(planted);
    expect((await whoIs(app, victim))?.sub).toBe("haneul");
    // The planted session did not become the victim's; it ended.
    expect(await whoIs(app, attacker)).toBeNull();
    // And its own person's trail says so.
    expect(await lastAudit(app, "session.revoked")).toMatchObject({
      userId: owner?.user.id,
      detail: { cause: "replaced", count: 1 },
    });

    const before = victim.clone();
    await app.control.endSessions("company");
    await signIn(app, victim, { user: "jiwoo" });
    expect((await whoIs(app, victim))?.sub).toBe("jiwoo");
    expect(await whoIs(app, before)).toBeNull();
  });

  it("SC-05: a cookie that is replayed after sign-out is refused on every surface, by every instance, and the audit row says why", async () => {
    const browser = await signedIn(app);
    const thief = browser.clone();
    for (const base of [app.url, sibling.url]) expect((await surfaces(thief, base)).handler.status).toBe(200);
    const page = await browser.request(`${app.url}/sign-out`);
    await browser.submit(page, 'data-scope="device"');
    expect(await whoIs(app, browser)).toBeNull();
    for (const base of [app.url, sibling.url]) await expectDenied(thief, base);
    expect(await lastAudit(app, "session.rejected")).toMatchObject({ outcome: "failure", reason: "session_revoked" });
  });

  it("S5: a restart of the app keeps people signed in", async () => {
    const browser = await signedIn(app);
    await sibling.stop();
    sibling = await app.startSibling();
    expect((await browser.fetch(`${sibling.url}/api/me`)).status).toBe(200);
  });

  it("one that names a user who is gone, or another user's session, is nobody's", async () => {
    const browser = await signedIn(app, { provider: "partner", user: "seoyeon" });
    const me = await whoIs(app, browser);
    await app.rows(`DELETE FROM "User" WHERE id = $1`, [me?.user.id]);
    expect(await whoIs(app, browser)).toBeNull();
    expect((await browser.request(`${app.url}/account`)).status).toBe(307);
  });

  it("that of a disabled account is refused at once, and so is the next sign-in", async () => {
    const browser = await signedIn(app, { user: "blank" });
    const me = await whoIs(app, browser);
    await app.rows(`UPDATE "User" SET "disabledAt" = now() WHERE id = $1`, [me?.user.id]);
    const refused = await browser.fetch(`${app.url}/api/me`);
    expect([refused.status, JSON.parse(refused.body).error]).toEqual([403, "account_disabled"]);
    const again = await signIn(app, new HttpBrowser(), { user: "blank" });
    expect(new URL(again.location ?? "").searchParams.get("code")).toBe("account_disabled");
  });
});
