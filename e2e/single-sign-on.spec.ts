import type { House } from "./fixtures/house";
import { choosePerson, chooseProvider, leave } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

/** How often the company's provider showed anybody a page. */
async function pagesShown(house: House): Promise<number> {
  return (await house.control.journal("company", { endpoint: "interaction" })).length;
}

test("F1: whoever signed out of this device only is let in again without being asked", async ({
  page,
  house,
  signIn,
}) => {
  await signIn("minsu");
  await leave(page, "device");
  const before = await pagesShown(house);
  await page.getByRole("main").getByRole("link", { name: "Sign in again" }).click();
  await chooseProvider(page);
  await page.waitForURL("**/account");
  await expect(page.getByRole("main")).toContainText("이민수");
  expect(await pagesShown(house)).toBe(before);
});

test("F1, L15: another app of the same provider lets people in without asking", async ({ page, house, signIn }) => {
  const neighbour = await house.openNeighbour("second-app");
  try {
    await signIn("minsu");
    const before = await pagesShown(house);
    // Cookies know no ports, so on loopback this session takes the first one's place. Elsewhere apps have their own hosts.
    await page.goto(`${neighbour.url}/account?from=elsewhere`);
    await expect(page).toHaveURL(`${neighbour.url}/sign-in?returnTo=%2Faccount%3Ffrom%3Delsewhere`);
    await chooseProvider(page);
    await page.waitForURL(`${neighbour.url}/account?from=elsewhere`);
    await expect(page.getByRole("main")).toContainText("이민수");
    await expect(page.locator('[data-claim="aud"] td')).toHaveText("second-app");
    expect(await pagesShown(house)).toBe(before);
  } finally {
    await neighbour.close();
  }
});

test("L15: signed in at one provider, people are still asked by the other", async ({ page, signIn }) => {
  await signIn("minsu");
  await page.goto("/sign-in");
  await chooseProvider(page, "partner");
  await expect(page.locator("form[data-person]").first()).toBeVisible();
  await choosePerson(page, "seoyeon");
  await expect(page.getByRole("main")).toContainText("최서연");
});
