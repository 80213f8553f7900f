import { afterAll, beforeAll, expect, it } from "vitest";
import { shareTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
}, 120_000);
afterAll(() => app?.close());

it("names in another script than their page say their language, and no others", async () => {
  const browser = await signedIn(app, { user: "minsu" });
  const page = async (path: string, language: string) =>
    (await browser.request(app.url + path, { headers: { "Accept-Language": language } })).body;
  expect(await page("/account", "en")).toContain('<bdi lang="ko">이민수</bdi>');
  expect(await page("/account", "ko")).toContain("<bdi>이민수</bdi>");
  expect(await page("/account/identities", "ko")).toMatch(/<bdi lang="en">company<\/bdi>/);
  expect(await page("/account/identities", "en")).toMatch(/<bdi>company<\/bdi>/);
});
