import { expectAccessible } from "./fixtures/accessibility";
import { chooseProvider, signOut } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { english, korean } from "./fixtures/texts";

// Each of these tests looks at many pages.
test.describe.configure({ timeout: 120_000 });

const anonymousPages = [
  "/",
  "/sign-in",
  "/sign-in?error=provider_unavailable&provider=company",
  "/sign-out",
  "/signed-out",
  "/auth-error?code=sign_in_cancelled&ref=0123456789abcdef",
  "/auth-error?code=account_not_linked",
  "/auth-error?code=database_unavailable",
];

for (const { locale, lang, text } of [
  { locale: "en-US", lang: "en", text: english },
  { locale: "ko-KR", lang: "ko", text: korean },
]) {
  test.describe(`in ${lang}`, () => {
    test.use({ locale });

    test("axe objects to no page that anybody can see, narrow or wide, light or dark", async ({ page }) => {
      for (const address of anonymousPages) {
        await page.goto(address);
        await expect(page.locator("html")).toHaveAttribute("lang", lang);
        await expectAccessible(page, address);
      }
    });

    test("axe objects to no page of somebody who is signed in", async ({ page, signIn }) => {
      await signIn("maximilian");
      await expectAccessible(page, "/account of somebody with a very long name");
      for (const address of ["/", "/sign-in", "/sign-out", "/signed-out"]) {
        await page.goto(address);
        await expectAccessible(page, `${address} when signed in`);
      }
      expect((await page.goto("/nowhere"))?.status()).toBe(404);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(text("notFound.heading"));
      await expectAccessible(page, "/nowhere");
      expect((await page.goto("/admin"))?.status()).toBe(403);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(text("forbidden.heading"));
      await expectAccessible(page, "/admin without the role");
      await signOut(page, "device");
      await expectAccessible(page, "/signed-out after a sign-out");
    });

    test("axe objects to no account, be it full or empty, nor to the provider's pages", async ({ page, newDevice }) => {
      for (const user of ["haneul", "blank"]) {
        const theirs = await newDevice({ locale });
        await theirs.goto("/account");
        await chooseProvider(theirs);
        if (user === "haneul") {
          await expectAccessible(theirs, "the provider's sign-in page");
        }
        await theirs.locator(`form[data-person="${user}"] button`).click();
        await theirs.waitForURL("**/account");
        await expectAccessible(theirs, `/account of ${user}`);
        await theirs.goto("/account/inspector");
        for (const summary of await theirs.getByRole("main").locator("summary").all()) await summary.click();
        await expectAccessible(theirs, `/account/inspector of ${user}`);
        // Of the two, only she is an administrator.
        expect((await theirs.goto("/admin/doctor"))?.status()).toBe(user === "haneul" ? 200 : 403);
        for (const summary of await theirs.getByRole("main").locator("summary").all()) await summary.click();
        await expectAccessible(theirs, `/admin/doctor of ${user}`);
      }
      await page.goto("/sign-in");
      await page.locator('form[data-provider="company"] button[value="sign-up"]').click();
      await page.locator('form[data-form="create"] button').click();
      await expect(page.getByRole("alert")).toBeVisible();
      await expectAccessible(page, "the provider's registration page, filled in wrongly");
    });
  });
}
