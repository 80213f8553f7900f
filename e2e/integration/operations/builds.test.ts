import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { type RunningApp, startApp } from "../../../dev/run/app";
import { openExtendedApp } from "../../support/extension/extended-app";
import type { HttpBrowser, Page } from "../../support/http-browser";
import { submitAction } from "../../support/server-action";
import { signedIn, type TestApp, whoIs } from "../../support/test-app";

// While a deployment rolls, a page of one build is sent to another: two real ones, with keys and server actions of their own.
let app: TestApp;
let other: RunningApp;
beforeAll(async () => {
  app = await openExtendedApp();
  const port = await findFreePort();
  other = await startApp({ env: { ...app.environment, PORT: String(port) }, port });
});
afterAll(async () => {
  await other?.stop();
  await app?.close();
});

/** Somebody whose form comes from this build, and goes to the other one by the same address. */
async function withOldPage(language = "en"): Promise<{ browser: HttpBrowser; page: Page }> {
  const browser = await signedIn(app, { user: "haneul" });
  const page = await browser.request(`${app.url}/notes`);
  const elsewhere = browser.clone((url) => (url.origin === app.url ? other.url : null));
  elsewhere.setCookie(app.url, "NEXT_LOCALE", language);
  return { browser: elsewhere, page: { ...page, url: `${app.url}/account` } };
}

describe("a form with a server action that another build has made", () => {
  it.each([
    ["en", "This page is from another version"],
    ["ko", "다른 버전의 페이지예요"],
  ])(
    "is answered with a page that says so (%s), not with a crash, and nobody is signed out",
    async (language, heading) => {
      const { browser, page } = await withOldPage(language);
      const answered = await submitAction(browser, page, { note: "milk" });
      expect([answered.status, answered.body]).toEqual([409, expect.not.stringContaining("Server Action")]);
      expect(answered.headers.get("x-nextjs-action-not-found")).toBeNull();
      const [, explanation = ""] = /^0; url=(.*)$/.exec(answered.headers.get("refresh") ?? "") ?? [];
      expect(explanation).toMatch(/^\/auth-error\?code=page_outdated&ref=/);
      expect((await browser.request(app.url + explanation)).body).toContain(heading);
      expect(await whoIs(app, browser)).toMatchObject({ sub: "haneul" });
      expect(other.output()).not.toContain('"level":"error"');
    },
  );

  it("sent by Next's own script, is answered as that script understands it", async () => {
    const { browser, page } = await withOldPage();
    const [, id = ""] = /\$ACTION_\d+:0" value="\{&quot;id&quot;:&quot;([0-9a-f]+)&quot;/.exec(page.body) ?? [];
    const answered = await browser.request(page.url, {
      method: "POST",
      headers: { "Next-Action": id, Accept: "text/x-component", "Content-Type": "text/plain;charset=UTF-8" },
      body: "[]",
    });
    expect([answered.status, answered.headers.get("x-nextjs-action-not-found")]).toEqual([409, "1"]);
  });

  it("is taken by the build that made it", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    const page = await browser.request(`${app.url}/notes`);
    expect((await submitAction(browser, page, { note: "milk" })).body).toContain("minsu noted");
  });
});

it("a form of the app itself, for signing out say, is taken by every build", async () => {
  const browser = await signedIn(app, { user: "eunji" });
  const page = await browser.request(`${app.url}/sign-out`);
  const csrfToken = /name="csrfToken" value="([^"]*)"/.exec(page.body)?.[1] ?? "";
  const elsewhere = browser.clone((url) => (url.origin === app.url ? other.url : null));
  const form = { csrfToken, scope: "device" };
  const answered = await elsewhere.request(`${app.url}/api/auth/signout`, { method: "POST", form });
  expect([answered.status, await whoIs(app, browser)]).toEqual([303, null]);
});
