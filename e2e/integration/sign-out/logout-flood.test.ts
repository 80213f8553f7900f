import { afterAll, beforeAll, expect, it } from "vitest";
import { bogusLogoutToken } from "../../support/bogus-logout-token";
import { logoutForm, post } from "../../support/logout-channel";
import { shareTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterAll(() => app.close());

it("FF-42: 150 logout tokens by unknown keys cause a handful of fetches of the keys, and everybody signs in meanwhile", async () => {
  await app.control.clearJournal("company");
  const flood = Array.from({ length: 150 }, () =>
    post(app.url, "company", logoutForm(bogusLogoutToken(app.issuers.company ?? ""))),
  );
  const browsers = await Promise.all(["minsu", "haneul", "eunji", "jiwoo"].map((user) => signedIn(app, { user })));
  const answers = await Promise.all(flood);
  for (const { status } of answers) expect([400, 429]).toContain(status);
  expect((await app.control.journal("company", { endpoint: "jwks" })).length).toBeLessThanOrEqual(5);
  for (const browser of browsers) expect(await whoIs(app, browser)).not.toBeNull();
});
