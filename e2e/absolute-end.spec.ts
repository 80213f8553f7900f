import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures/test";
import { english } from "./fixtures/texts";

const warning = (page: Page) => page.getByRole("alertdialog");

// However busy it is.
test.use({ environment: { SESSION_IDLE_SECONDS: "12", SESSION_ABSOLUTE_SECONDS: "12" } });

test("the dialog does not offer to stay; it can be put out of sight in all tabs, and the end says why", async ({
  page,
  context,
  signIn,
}) => {
  await signIn("minsu");
  const other = await context.newPage();
  await other.goto("/account");
  await expect(warning(page)).toBeVisible();
  await expect(warning(page)).toHaveAccessibleName(english("sessionWatch.absolute.heading"));
  await expect(warning(page).getByRole("link", { name: "Sign in again" })).toHaveAttribute(
    "href",
    "/sign-in?returnTo=%2Faccount",
  );
  await expect(warning(page).getByRole("button")).toHaveText(["Finish first"]);
  await expect(warning(other)).toBeVisible();
  await page.getByRole("button", { name: "Finish first" }).click();
  await expect(warning(page)).toBeHidden();
  await expect(warning(other)).toBeHidden();
  for (const tab of [page, other]) {
    await expect(tab).toHaveURL(/\/sign-in\?/, { timeout: 15_000 });
    await expect(tab.getByRole("main").getByRole("alert")).toContainText(english("errors.session_expired.title"));
    expect(await tab.content()).not.toContain("이민수");
  }
});
