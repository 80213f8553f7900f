import type { Locator, Page } from "@playwright/test";
import type { House } from "./fixtures/house";
import { choosePerson, chooseProvider, signInOn } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

const address = "/account/sessions";

test.beforeEach(({ house }) => house.rows(`DELETE FROM "Session" WHERE subject IN ('haneul', 'minsu')`));

/** Signs in as 김하늘, who told the provider an hour ago who she is, and opens her sessions. */
async function signInFromLongAgo(page: Page, house: House): Promise<void> {
  await house.control.setClock("company", -3600);
  await page.goto(address);
  await chooseProvider(page);
  await choosePerson(page, "haneul");
  // A sign-in of an hour ago comes too late for this house, but the provider knows her from now on.
  await page.waitForURL("**/auth-error?**");
  await house.control.setClock("company", 0);
  await page.goto(address);
  await chooseProvider(page);
  await page.waitForURL(`**${address}`);
}

const endOther = (page: Page): Locator => page.getByRole("button", { name: "End session: Chrome, Linux" });

/** Her page and another device of hers, with the click that ends it made: the provider asks who she is. */
async function askToEnd(page: Page, house: House, newDevice: () => Promise<Page>): Promise<Page> {
  const other = await newDevice();
  await signInOn(other, "haneul");
  await signInFromLongAgo(page, house);
  await endOther(page).click();
  await page.waitForURL(`${house.issuers.company}/interaction/**`);
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
  house,
  newDevice,
}) => {
  const other = await askToEnd(page, house, newDevice);
  await page.locator('input[name="login"]').fill("haneul");
  await page.locator('input[name="password"]').fill("daemun");
  await page.locator('form[data-form="password"] button').click();
  await expect(page).toHaveURL(/\/account\/sessions\?ended=1$/);
  await expect(page.getByRole("status")).toContainText("1 session ended");
  await expect(page.locator("li[data-session]")).toHaveCount(1);
  await other.reload();
  await expect(other).toHaveURL(/\/sign-in\?/);
  await expect(other.getByRole("main").getByRole("alert")).toContainText("This session was ended");

  // The password was just given: nobody asks for it again.
  await chooseProvider(other);
  await other.waitForURL("**/account");
  await page.reload();
  await endOther(page).click();
  await expect(page).toHaveURL(/\/account\/sessions\?ended=1$/);
  await other.reload();
  await expect(other).toHaveURL(/\/sign-in\?/);
});

test("whoever cancels at the provider has ended nothing, and is still signed in", async ({
  page,
  house,
  newDevice,
}) => {
  const other = await askToEnd(page, house, newDevice);
  await page.locator('form[data-form="cancel"] button').click();
  await expect(page).toHaveURL(/\/auth-error\?code=sign_in_cancelled&/);
  await expect(page.getByRole("main")).toContainText("Nothing has changed");
  await expectSignedIn(other);
  await expectSignedIn(page);
  await page.goto(address);
  await expect(page.locator("li[data-session]")).toHaveCount(2);
});

test("another person chosen at the provider is refused in plain words, and the first is still signed in", async ({
  page,
  house,
  newDevice,
  unregister,
}) => {
  // A provider that tells nobody whom it signs out.
  await unregister("company", "backchannelLogoutUri", "frontchannelLogoutUri");
  const other = await askToEnd(page, house, newDevice);
  await choosePerson(page, "minsu");
  await expectMismatch(page);
  await expectSignedIn(other);
  await expectSignedIn(page);
  await page.goto(address);
  await expect(page.locator("li[data-session]")).toHaveCount(2);
});

test("where the provider signs the first person out for it, the house follows, and says that it was the provider", async ({
  page,
  house,
  newDevice,
  unregister,
}) => {
  // A frame of the provider's, which is one site with the house here, would take the cookie, and the reason with it.
  await unregister("company", "frontchannelLogoutUri");
  const other = await askToEnd(page, house, newDevice);
  await choosePerson(page, "minsu");
  await expectMismatch(page);
  await expectSignedIn(other);
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount&/);
  await expect(page.getByRole("main").getByRole("alert")).toContainText("Your provider signed you out");
});

async function expectMismatch(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/auth-error\?code=identity_mismatch&/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("A different person came back");
  await expect(page.getByRole("main")).toContainText("choose the same account as before");
}
