import type { Page } from "@playwright/test";
import { chooseUser } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

/** Presses Tab until `selector` has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const target = page.locator(selector).first();
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Thirty times Tab did not reach ${selector}.`);
}

test("the first Tab shows a link that skips to the content", async ({ page }) => {
  await page.goto("/sign-in");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Enter");
  await expect(page.locator("#main")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.locator('form[data-provider="company"] button').first()).toBeFocused();
});

test("Tab and Enter alone sign in, and out again", async ({ page }) => {
  await page.goto("/account");
  await tabTo(page, 'form[data-provider="company"] button');
  await page.keyboard.press("Enter");
  await page.waitForURL("**/interaction/**");
  await tabTo(page, 'form[data-person="minsu"] button');
  await page.keyboard.press("Enter");
  await page.waitForURL("**/account");
  await tabTo(page, 'main a[href="/sign-out"]');
  await page.keyboard.press("Enter");
  await page.waitForURL("**/sign-out");
  await tabTo(page, 'form[data-scope="device"] button');
  await page.keyboard.press("Enter");
  await page.waitForURL("**/signed-out");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
});

test("whatever has the focus shows it", async ({ page }) => {
  await page.goto("/sign-in");
  await page.keyboard.press("Tab");
  const unmarked: string[] = [];
  for (let stop = 0; stop < 8; stop += 1) {
    const seen = await page.evaluate(() => {
      const { activeElement } = document;
      if (!activeElement || activeElement === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
      return { html: activeElement.outerHTML.slice(0, 80), marked: outlineStyle !== "none" && outlineWidth !== "0px" };
    });
    if (!seen) break;
    if (!seen.marked) unmarked.push(seen.html);
    await page.keyboard.press("Tab");
  }
  expect(unmarked).toEqual([]);
});

test("the language switch keeps to the keyboard too, and the page it leads back to starts at its top", async ({
  page,
}) => {
  await page.goto("/sign-in?returnTo=%2Faccount");
  await tabTo(page, 'form[action="/api/locale"] button');
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("lang", "ko");
  await tabTo(page, 'form[data-provider="company"] button');
  await page.keyboard.press("Enter");
  await chooseUser(page, "minsu");
  await page.waitForURL("**/account");
});
