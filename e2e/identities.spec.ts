import type { Page } from "@playwright/test";
import { expectAccessible } from "./fixtures/accessibility";
import { chooseProvider, chooseUser, signInOn } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { english, korean } from "./fixtures/texts";

const address = "/account/identities";

const nobody = `TRUNCATE "User" CASCADE`;
test.beforeEach(({ app }) => app.rows(nobody));
// Whoever is linked to another user is not who other tests take them for.
test.afterEach(({ app }) => app.rows(nobody));

const methods = (page: Page) => page.locator("li[data-identity]");
const add = (page: Page) => page.locator('form[data-link="partner"] button');

async function remove(page: Page, provider: string): Promise<void> {
  const row = page.locator(`li[data-identity="${provider}"]`);
  await row.locator("summary").click();
  await row.locator("form button").click();
}

test("a user adds a provider, signs in with it on another device and is the same user, and removes it again", async ({
  page,
  signIn,
  newDevice,
}) => {
  await signIn("minsu");
  await page.getByRole("link", { name: english("account.nav.identities") }).click();
  await expect(methods(page)).toHaveCount(1);
  await expect(methods(page)).toContainText("minsu@company.example");
  await expect(methods(page)).toContainText(english("account.identities.last"));
  await expect(page.locator("form[data-unlink]")).toHaveCount(0);

  await add(page).click();
  await chooseUser(page, "seoyeon");
  await page.waitForURL(`**${address}?linked=partner`);
  await expect(page.getByRole("status")).toContainText(english("account.identities.notice.linkedBody"));
  await expect(methods(page)).toHaveCount(2);

  const other = await newDevice();
  await signInOn(other, "seoyeon", { provider: "partner", to: address });
  await expect(methods(other)).toHaveCount(2);
  await expect(other.locator('li[data-identity="partner"]')).toContainText(english("account.identities.current"));

  await page.reload();
  await remove(page, "partner");
  await page.waitForURL(`**${address}?unlinked=partner`);
  await expect(methods(page)).toHaveCount(1);
  await other.reload();
  await expect(other).toHaveURL(/\/sign-in\?/);
});

test("FF-81: whoever is told that the address has an account signs in the usual way, clicks once and is where they wanted", async ({
  page,
  newDevice,
}) => {
  await signInOn(page, "haneul");
  const other = await newDevice();
  await other.goto("/account/sessions");
  await chooseProvider(other, "partner");
  await chooseUser(other, "p-haneul");
  await expect(other.getByRole("heading", { level: 1 })).toHaveText(english("errors.account_not_linked.title"));
  await other.getByRole("link", { name: english("authError.usualWay") }).click();
  await chooseProvider(other);
  await chooseUser(other, "haneul");
  await other.waitForURL(`**${address}`);
  await expect(other.getByRole("status")).toContainText(english("account.identities.add.wantedReturn"));
  await add(other).click();
  await chooseUser(other, "p-haneul");
  await other.waitForURL("**/account/sessions");
  await other.goto(address);
  await expect(methods(other)).toHaveCount(2);
});

test("an account that belongs to another user is not added, and the page that says so leads back", async ({
  page,
  signIn,
  newDevice,
}) => {
  await signInOn(await newDevice(), "seoyeon", { provider: "partner" });
  await signIn("minsu", { to: address });
  await add(page).click();
  await chooseUser(page, "seoyeon");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(english("errors.identity_in_use.title"));
  await page.getByRole("link", { name: english("authError.identities") }).click();
  await expect(methods(page)).toHaveCount(1);
});

test("the method that was used last comes first on the sign-in page, and says so", async ({ page, signIn }) => {
  await signIn("seoyeon", { provider: "partner" });
  await page.context().clearCookies({ name: /session/ });
  await page.goto("/sign-in");
  const first = page.locator("form[data-provider]").first();
  await expect(first).toHaveAttribute("data-provider", "partner");
  await expect(first.getByRole("button").first()).toHaveAccessibleDescription(
    new RegExp(`${english("signIn.lastUsed")}$`),
  );
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a sign-in method is added, and removing the one in use says before that it signs out here", async ({
    page,
    signIn,
  }) => {
    await signIn("minsu", { to: address });
    await add(page).click();
    await chooseUser(page, "seoyeon");
    await expect(methods(page)).toHaveCount(2);
    const own = page.locator('li[data-identity="company"]');
    await expect(own.locator("form")).toBeHidden();
    await own.locator("summary").click();
    await expect(own).toContainText("signed out on this device too");
    await own.locator("form button").click();
    await page.waitForURL("**/signed-out");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(english("signedOut.heading"));
    await page.goto(address);
    await chooseProvider(page, "partner");
    // The provider may know them still.
    const there = page.locator('form[data-person="seoyeon"] button');
    await expect(there.or(methods(page).first())).toBeVisible();
    if (await there.isVisible()) await there.click();
    await expect(methods(page)).toHaveCount(1);
  });
});

for (const { locale, text } of [
  { locale: "en-US", text: english },
  { locale: "ko-KR", text: korean },
]) {
  test.describe(`in ${locale}`, () => {
    test.use({ locale });

    test("axe objects to the sign-in methods in no state", async ({ page, signIn }) => {
      await signIn("maximilian", { to: address });
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(text("account.identities.title"));
      await expectAccessible(page, "one method");
      await page.goto(`${address}?provider=partner&returnTo=/account/sessions`);
      await expectAccessible(page, "a method that is wanted");
      await add(page).click();
      await chooseUser(page, "seoyeon");
      await page.locator("summary").first().click();
      await expectAccessible(page, "two methods, one about to be removed");
      for (const code of ["identity_in_use", "last_sign_in_method"]) {
        await page.goto(`/auth-error?code=${code}`);
        await expectAccessible(page, code);
      }
    });
  });
}
