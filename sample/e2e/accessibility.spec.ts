import { expectAccessible } from "../../e2e/fixtures/accessibility";
import { chooseUser } from "../../e2e/fixtures/steps";
import { expect, test } from "../../e2e/fixtures/test";

// It looks at many pages.
test.describe.configure({ timeout: 120_000 });

for (const locale of ["en-US", "ko-KR"]) {
  test.describe(`in ${locale}`, () => {
    test.use({ locale });

    test("axe objects to no service's page, be it empty, full, down or not connected, nor to the connections", async ({
      page,
      app,
      signIn,
    }) => {
      await signIn("haneul", { to: "/services/shopping" });
      await expectAccessible(page, "/services/shopping without orders");
      const entry = page.locator('form[data-form="entry"]');
      await entry.locator('input[name="item"]').fill("Rice");
      await entry.locator("button").click();
      await expect(page.locator("li[data-order]")).toHaveCount(1);
      await app.services.shopping.control.refuseConnections();
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
      await chooseUser(page, "n-haneul");
      await page.waitForURL("**/services/notes");
      await expectAccessible(page, "/services/notes that may only be read");
      await page.goto("/account/connections");
      await expectAccessible(page, "/account/connections with a connection");
    });
  });
}
