import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFirefox, openFirefox } from "../../support/field/firefox";
import type { OtherBrowser } from "../../support/field/other-browser";
import { findWebKit, openWebKit } from "../../support/field/webkit";
import { openTestApp, type TestApp } from "../../support/test-app";

const firefox = findFirefox();
const webKit = findWebKit();

const browsers = [
  { name: "Firefox", needs: "firefox-esr", open: firefox && (() => openFirefox(firefox)) },
  { name: "WebKit", needs: "webkit2gtk-driver and xvfb", open: webKit && (() => openWebKit(webKit)) },
];

for (const { name, needs, open } of browsers) {
  describe.skipIf(!open)(`the main journey in ${name} (needs ${needs})`, () => {
    let app: TestApp;
    let browser: OtherBrowser;
    beforeAll(async () => {
      app = await openTestApp();
      browser = await (open as () => Promise<OtherBrowser>)();
    });
    afterAll(async () => {
      await browser?.close();
      await app?.close();
    });

    // The whole address: an address of the provider's may hold one of ours.
    const expectAt = (path: string) =>
      expect.poll(async () => (await browser.address()).replace(/\?.*/, "")).toBe(`${app.url}${path}`);
    const isSignedIn = () => browser.evaluate<boolean>('fetch("/api/me").then((answer) => answer.status === 200)');
    const signIn = async (path: string) => {
      await browser.open(`${app.url}${path}`);
      await expectAt("/sign-in");
      await browser.press('form[data-provider="company"] button');
      await browser.press('form[data-person="haneul"] button');
      await expect.poll(() => browser.address()).toBe(`${app.url}${path}`);
    };
    const signOut = async (scope: string) => {
      await browser.open(`${app.url}/sign-out`);
      await browser.press(`form[data-scope="${scope}"] button`);
      await expectAt("/signed-out");
    };

    it(`a user signs in with ${name}, and comes back to the page and query that were asked for`, async () => {
      await signIn("/account?kept=%ED%95%9C");
      expect(await browser.textOf("main")).toContain("김하늘");
      expect(await isSignedIn()).toBe(true);
      await signOut("provider");
    });

    it(`the pages' scripts run in ${name}, under the policy that they are sent with`, async () => {
      await signIn("/account/sessions");
      await expect
        .poll(() => browser.evaluate('Object.keys(document.body).some((key) => key.startsWith("__reactFiber$"))'))
        .toBe(true);
      await signOut("provider");
    });

    it(`a token is refreshed from a page in ${name}: its own headers pass the check of the origin`, async () => {
      await signIn("/account");
      const refresh = `fetch("/api/tokens/refresh", {
        method: "POST", headers: { "X-CSRF": "1", "Content-Type": "application/json" }, body: "{}",
      }).then((answer) => answer.status)`;
      expect(await browser.evaluate(refresh)).toBe(200);
      expect(await browser.evaluate(refresh.replace('"X-CSRF": "1", ', ""))).toBe(403);
      await signOut("provider");
    });

    it(`the list of sessions names ${name}, and one of them is this one`, async () => {
      await signIn("/account/sessions");
      expect(await browser.textOf("[data-session]")).toContain(name === "WebKit" ? "Safari" : name);
      await signOut("provider");
    });

    it(`the language that is chosen in ${name} stays`, async () => {
      await browser.open(`${app.url}/sign-in`);
      await browser.press('button[lang="ko"]');
      await expect.poll(() => browser.evaluate("document.documentElement.lang")).toBe("ko");
      await browser.open(`${app.url}/`);
      expect(await browser.evaluate("document.documentElement.lang")).toBe("ko");
      await browser.press('button[lang="en"]');
      await expect.poll(() => browser.evaluate("document.documentElement.lang")).toBe("en");
    });

    it(`a session that is ended elsewhere is over in ${name} at the next page`, async () => {
      await signIn("/account");
      await app.rows('UPDATE "Session" SET "endedAt" = now(), "endReason" = \'session_revoked\'');
      await browser.open(`${app.url}/account`);
      await expectAt("/sign-in");
      expect(await isSignedIn()).toBe(false);
      // After a session that was revoked the provider asks who it is.
      await browser.press('form[data-provider="company"] button');
      await browser.press('form[data-person="haneul"] button');
      await expectAt("/account");
      await signOut("provider");
    });

    it(`after a sign-out, going back in ${name} shows nothing of the account`, async () => {
      await signIn("/account");
      await browser.press('main a[href^="/sign-out"]');
      await browser.press('form[data-scope="device"] button');
      await expectAt("/signed-out");
      expect(await isSignedIn()).toBe(false);
      await browser.goBack();
      await browser.goBack();
      await expect.poll(() => browser.textOf("body")).not.toContain("김하늘");
    });
  });
}
