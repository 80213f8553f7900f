import { waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

const leaving: [what: string, address: string, button: string][] = [
  ["a sign-in", "/sign-in", 'form[data-provider="company"] button'],
  ["a sign-out", "/sign-out", 'form[data-scope="device"] button'],
  ["signing out everywhere", "/account/sessions", 'form[data-scope="everywhere"] button'],
  ["a connection", "/account/connections", '[data-service="notes"] form[data-action="connect"] button'],
];

for (const [what, address, selector] of leaving) {
  test(`whoever waits for ${what} sees on the button that it is under way, and no longer once they are back`, async ({
    page,
    signIn,
  }) => {
    if (address !== "/sign-in") await signIn("minsu");
    await page.goto(address);
    await waitForScripts(page);
    const button = page.locator(selector).first();
    await expect(button).not.toHaveAttribute("aria-busy");
    // A page that is about to leave answers no more questions: it writes down itself what its button was by then.
    await page.evaluate(() =>
      window.addEventListener("submit", ({ submitter }) =>
        sessionStorage.setItem("busy", submitter?.getAttribute("aria-busy") ?? "not"),
      ),
    );
    await button.click();
    await page.waitForURL((url) => url.pathname !== address);
    await page.goto("/signed-out");
    expect(await page.evaluate(() => sessionStorage.getItem("busy"))).toBe("true");
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  });
}

test("a button that only downloads something is not busy for it", async ({ page, signIn }) => {
  await signIn("minsu", { to: "/account/data" });
  await waitForScripts(page);
  const button = page.locator('form[data-form="export"] button');
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  expect(download.suggestedFilename()).toMatch(/\.json$/);
  // Not for a moment: what is marked stays so for seconds.
  expect(await button.getAttribute("aria-busy")).toBeNull();
});
