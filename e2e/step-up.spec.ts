import type { Locator, Page } from "@playwright/test";
import { chooseProvider, chooseUser, signInOn } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import type { TestApp } from "./fixtures/test-app";
import { english } from "./fixtures/texts";

const address = "/account/sessions";

test.beforeEach(({ app }) => app.rows(`DELETE FROM "Session" WHERE subject IN ('haneul', 'minsu')`));

/** Signs in as 김하늘, who told the provider an hour ago who she is, and opens her sessions. */
async function signInFromLongAgo(page: Page, app: TestApp): Promise<void> {
  await app.control.setClock("company", -3600);
  await page.goto(address);
  await chooseProvider(page);
  await chooseUser(page, "haneul");
  // A sign-in of an hour ago comes too late for this app, but the provider knows her from now on.
  await page.waitForURL("**/auth-error?**");
  await app.control.setClock("company", 0);
  await page.goto(address);
  await chooseProvider(page);
  await page.waitForURL(`**${address}`);
}

const endOther = (page: Page): Locator =>
  page.getByRole("button", { name: `${english("account.sessions.end")}: Chrome, Linux` });

/** Her page and another device of hers, with the click that ends it made: the provider asks who she is. */
async function askToEnd(page: Page, app: TestApp, newDevice: () => Promise<Page>): Promise<Page> {
  const other = await newDevice();
  await signInOn(other, "haneul");
  await signInFromLongAgo(page, app);
  await endOther(page).click();
  await page.waitForURL(`${app.issuers.company}/interaction/**`);
  await expect(page.locator('form[data-form="password"]')).toBeVisible();
  await expectSignedIn(other);
  return other;
}

async function expectSignedIn(page: Page): Promise<void> {
  await page.goto("/account");
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByRole("main")).toContainText("김하늘");
}

test("ending another device, signed in an hour ago: the provider asks for the password, and then it is ended", async ({
  page,
  app,
  newDevice,
}) => {
  const other = await askToEnd(page, app, newDevice);
  await page.locator('input[name="login"]').fill("haneul");
  await page.locator('input[name="password"]').fill("daemun");
  await page.locator('form[data-form="password"] button').click();
  await expect(page).toHaveURL(/\/account\/sessions\?ended=1$/);
  await expect(page.getByRole("status")).toContainText(english("account.sessions.notice.ended", { count: 1 }));
  await expect(page.locator("li[data-session]")).toHaveCount(1);
  await other.reload();
  await expect(other).toHaveURL(/\/sign-in\?/);
  await expect(other.getByRole("main").getByRole("alert")).toContainText(english("errors.session_revoked.title"));

  // The password was just given: nobody asks for it again.
  await chooseProvider(other);
  // Where a session was ended from elsewhere, the provider asks who is there.
  await chooseUser(other, "haneul");
  await other.waitForURL("**/account");
  await page.reload();
  await endOther(page).click();
  await expect(page).toHaveURL(/\/account\/sessions\?ended=1$/);
  await other.reload();
  await expect(other).toHaveURL(/\/sign-in\?/);
});

test("whoever cancels at the provider has ended nothing, and is still signed in", async ({ page, app, newDevice }) => {
  const other = await askToEnd(page, app, newDevice);
  await page.locator('form[data-form="cancel"] button').click();
  await expect(page).toHaveURL(/\/auth-error\?code=sign_in_cancelled&/);
  await expect(page.getByRole("main")).toContainText(english("errors.sign_in_cancelled.body"));
  await expectSignedIn(other);
  await expectSignedIn(page);
  await page.goto(address);
  await expect(page.locator("li[data-session]")).toHaveCount(2);
});

test("another person chosen at the provider is refused in plain words, and the first is still signed in", async ({
  page,
  app,
  newDevice,
  unregister,
}) => {
  // A provider that tells nobody whom it signs out.
  await unregister("company", "backchannelLogoutUri", "frontchannelLogoutUri");
  const other = await askToEnd(page, app, newDevice);
  await chooseUser(page, "minsu");
  await expectMismatch(page);
  await expectSignedIn(other);
  await expectSignedIn(page);
  await page.goto(address);
  await expect(page.locator("li[data-session]")).toHaveCount(2);
});

test("where the provider signs the first person out for it, the app follows, and says that it was the provider", async ({
  page,
  app,
  newDevice,
  unregister,
}) => {
  // A frame of the provider's, which is one site with the app here, would take the cookie, and the reason with it.
  await unregister("company", "frontchannelLogoutUri");
  const other = await askToEnd(page, app, newDevice);
  await chooseUser(page, "minsu");
  await expectMismatch(page);
  await expectSignedIn(other);
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount&/);
  await expect(page.getByRole("main").getByRole("alert")).toContainText(english("errors.signed_out_by_provider.title"));
});

async function expectMismatch(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/auth-error\?code=identity_mismatch&/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(english("errors.identity_mismatch.title"));
  await expect(page.getByRole("main")).toContainText("choose the same account as before");
}
