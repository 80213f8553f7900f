import { expectAccessible } from "./fixtures/accessibility";
import { choosePerson, chooseProvider, leave } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

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

for (const { locale, lang, notHere, refused } of [
  { locale: "en-US", lang: "en", notHere: "There is no door here", refused: "This room is not open to you" },
  { locale: "ko-KR", lang: "ko", notHere: "여기에는 문이 없어요", refused: "이 방에는 들어갈 수 없어요" },
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
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(notHere);
      await expectAccessible(page, "/nowhere");
      expect((await page.goto("/admin"))?.status()).toBe(403);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(refused);
      await expectAccessible(page, "/admin without the role");
      await leave(page, "device");
      await expectAccessible(page, "/signed-out after a sign-out");
    });

    test("axe objects to no service's page, be it empty, full, down or not connected, nor to the connections", async ({
      page,
      house,
      signIn,
    }) => {
      await signIn("haneul", { to: "/services/shopping" });
      await expectAccessible(page, "/services/shopping without orders");
      const entry = page.locator('form[data-form="entry"]');
      await entry.locator('input[name="item"]').fill("Rice");
      await entry.locator("button").click();
      await expect(page.locator("li[data-order]")).toHaveCount(1);
      await house.services.shopping.control.refuseConnections();
      await entry.locator('input[name="item"]').fill("Tea");
      await entry.locator("button").click();
      await expect(entry.getByRole("alert")).toBeVisible();
      await expectAccessible(page, "/services/shopping with an order, and one that failed");
      await page.reload();
      await expectAccessible(page, "/services/shopping while it is down");

      await page.goto("/services/store");
      await entry.locator('input[name="item"]').fill("Rice");
      await entry.locator('input[name="quantity"]').fill("3");
      await entry.locator("button").click();
      await expect(page.getByRole("row")).toHaveCount(2);
      await expectAccessible(page, "/services/store with stock");
      await page.goto("/services/store?organization=nobodys");
      await expectAccessible(page, "/services/store of somebody else's organization");

      await page.goto("/services/notes");
      await expectAccessible(page, "/services/notes before it is connected");
      await page.locator('form[data-action="connect"] button').click();
      await choosePerson(page, "n-haneul");
      await page.waitForURL("**/services/notes");
      await expectAccessible(page, "/services/notes that may only be read");
      await page.goto("/account/connections");
      await expectAccessible(page, "/account/connections with a connection");
    });

    test("axe objects to no account, be it full or empty, nor to the provider's pages", async ({ page, newDevice }) => {
      for (const person of ["haneul", "blank"]) {
        const theirs = await newDevice({ locale });
        await theirs.goto("/account");
        await chooseProvider(theirs);
        if (person === "haneul") {
          await expectAccessible(theirs, "the provider's sign-in page");
        }
        await theirs.locator(`form[data-person="${person}"] button`).click();
        await theirs.waitForURL("**/account");
        await expectAccessible(theirs, `/account of ${person}`);
        await theirs.goto("/account/inspector");
        for (const summary of await theirs.getByRole("main").locator("summary").all()) await summary.click();
        await expectAccessible(theirs, `/account/inspector of ${person}`);
      }
      await page.goto("/sign-in");
      await page.locator('form[data-provider="company"] button[value="sign-up"]').click();
      await page.locator('form[data-form="create"] button').click();
      await expect(page.getByRole("alert")).toBeVisible();
      await expectAccessible(page, "the provider's registration page, filled in wrongly");
    });
  });
}
