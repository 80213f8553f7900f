import { chooseProvider, chooseUser, signOut } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import type { TestApp } from "./fixtures/test-app";

/** How often the company's provider showed anybody a page. */
async function pagesShown(app: TestApp): Promise<number> {
  return (await app.control.journal("company", { endpoint: "interaction" })).length;
}

test("F1: whoever signed out of this device only is let in again without being asked", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("minsu");
  await signOut(page, "device");
  const before = await pagesShown(app);
  await page.getByRole("main").getByRole("link", { name: "Sign in again" }).click();
  await chooseProvider(page);
  await page.waitForURL("**/account");
  await expect(page.getByRole("main")).toContainText("이민수");
  expect(await pagesShown(app)).toBe(before);
});

test("F1, L15: another app of the same provider lets people in without asking", async ({ page, app, signIn }) => {
  const neighbour = await app.openNeighbour("second-app");
  try {
    await signIn("minsu");
    const before = await pagesShown(app);
    // Cookies know no ports, so on loopback each app's name has its own in it. Elsewhere apps have their own hosts.
    await page.goto(`${neighbour.url}/account?from=elsewhere`);
    await expect(page).toHaveURL(`${neighbour.url}/sign-in?returnTo=%2Faccount%3Ffrom%3Delsewhere`);
    await chooseProvider(page);
    await page.waitForURL(`${neighbour.url}/account?from=elsewhere`);
    await expect(page.getByRole("main")).toContainText("이민수");
    await expect(page.locator('[data-claim="aud"] td')).toHaveText("second-app");
    expect(await pagesShown(app)).toBe(before);
  } finally {
    await neighbour.close();
  }
});

test("L15: signed in at one provider, people are still asked by the other", async ({ page, signIn }) => {
  await signIn("minsu");
  await page.goto("/sign-in");
  await chooseProvider(page, "partner");
  await expect(page.locator("form[data-person]").first()).toBeVisible();
  await chooseUser(page, "seoyeon");
  await expect(page.getByRole("main")).toContainText("최서연");
});
