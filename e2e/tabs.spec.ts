import type { Page } from "@playwright/test";
import { chooseProvider, chooseUser } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

test("CC-01: five tabs that sign in at once all land where they were heading, in whatever order they finish", async ({
  context,
  app,
}) => {
  const tabs: Page[] = [];
  for (let number = 1; number <= 5; number += 1) {
    const tab = await context.newPage();
    await tab.goto(`/account?tab=${number}`);
    await chooseProvider(tab);
    await expect(tab.locator('form[data-person="minsu"]')).toBeVisible();
    tabs.push(tab);
  }
  const cookies = () => context.cookies(app.url);
  const transactions = async () => (await cookies()).filter(({ name }) => name.startsWith("daemun.tx."));
  expect(await transactions()).toHaveLength(5);

  for (const index of [2, 0, 4, 1, 3]) {
    const tab = tabs[index];
    if (!tab) throw new Error("There are five tabs.");
    await chooseUser(tab, "minsu");
    await tab.waitForURL(`**/account?tab=${index + 1}`);
    await expect(tab.getByRole("main")).toContainText("이민수");
  }
  expect(await transactions()).toEqual([]);

  // Each sign-in replaced the session before it: one cookie, one live session.
  const since = new Date(Date.now() - 60_000);
  const reasons = await app.rows<{ reason: string | null }>(
    `SELECT "endReason" reason FROM "Session" WHERE subject = 'minsu' AND "createdAt" > $1 ORDER BY "createdAt" DESC LIMIT 5`,
    [since],
  );
  expect(reasons.map(({ reason }) => reason)).toEqual([null, "replaced", "replaced", "replaced", "replaced"]);
  for (const tab of tabs) {
    // A tab whose session was replaced loads itself again, perhaps at this very moment.
    await expect(() => tab.reload()).toPass();
    await expect(tab.getByRole("main")).toContainText("이민수");
  }
});

test("CC-01: two tabs at two providers: the one that finishes last decides who is signed in", async ({ context }) => {
  const [first, second] = [await context.newPage(), await context.newPage()];
  await first.goto("/account");
  await chooseProvider(first, "company");
  await second.goto("/account");
  await chooseProvider(second, "partner");
  await chooseUser(second, "seoyeon");
  await expect(second.getByRole("main")).toContainText("최서연");
  await chooseUser(first, "minsu");
  await expect(first.getByRole("main")).toContainText("이민수");
  // It notices by itself.
  await expect(second.getByRole("main")).toContainText("이민수");
});
