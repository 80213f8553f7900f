import { chooseProvider, signInOn, signOut } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

test.use({ javaScriptEnabled: false });

test("without JavaScript people sign in, read their account, change the language and sign out", async ({ page }) => {
  await signInOn(page, "haneul", { to: "/account?kept=%ED%95%9C" });
  await expect(page.getByRole("main")).toContainText("김하늘");
  await expect(page.locator('[data-claim="roles"] td')).toHaveText("admin");

  await page.getByRole("button", { name: "한국어" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("내 계정");
  await expect(page).toHaveURL(/\/account\?kept=%ED%95%9C$/);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your account");

  await page.getByRole("main").getByRole("link", { name: "Sign out" }).click();
  await page.locator('form[data-scope="device"] button').click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?/);
});

test("without JavaScript people sign out at the provider too, and everywhere", async ({ page }) => {
  for (const scope of ["provider", "everywhere"] as const) {
    await signInOn(page, "jiwoo");
    await page.goto("/sign-out");
    await page.locator(`form[data-scope="${scope}"] button`).click();
    // The provider tells its other applications first, and without a script it takes a click to go on.
    const onwards = page.locator("a#next");
    await expect(onwards.or(page.getByRole("heading", { name: "You are signed out" }))).toBeVisible();
    if (await onwards.isVisible()) await onwards.click();
    await page.waitForURL("**/signed-out**");
    await expect(page.getByRole("main")).toContainText("Your session at Company");
  }
});

test("without JavaScript an error says in words what happened and what to do", async ({ page }) => {
  await page.goto("/account");
  await chooseProvider(page);
  await page.locator('form[data-form="cancel"] button').click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign-in was cancelled");
  await page.getByRole("link", { name: "Try again" }).click();
  await chooseProvider(page);
  await expect(page.locator('form[data-person="minsu"]')).toBeVisible();
});

test("without JavaScript a second sign-in after leaving this device asks for nothing", async ({ page }) => {
  await signInOn(page, "minsu");
  await signOut(page, "device");
  await page.goto("/account");
  await chooseProvider(page);
  await page.waitForURL("**/account");
});
