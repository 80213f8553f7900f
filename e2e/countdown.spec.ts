import type { BrowserContext, Page } from "@playwright/test";
import { waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { english } from "./fixtures/texts";

// Half of the idle time is the warning.
const idleSeconds = 16;

test.use({ environment: { SESSION_IDLE_SECONDS: String(idleSeconds), SESSION_ABSOLUTE_SECONDS: "3600" } });

const warning = (page: Page) => page.getByRole("alertdialog");
const timer = (page: Page) => warning(page).getByRole("timer");

/** A second tab of the same browser, on the account page. */
async function openTab(context: BrowserContext): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto("/account");
  await expect(tab.getByRole("main")).toContainText("이민수");
  await waitForScripts(tab);
  return tab;
}

/** Waits until the warning is there, which is half of the idle time after the last navigation. */
async function expectWarning(page: Page): Promise<void> {
  await expect(warning(page)).toBeVisible({ timeout: idleSeconds * 1000 });
}

async function expectNothingProtected(page: Page): Promise<void> {
  const html = await page.content();
  for (const text of ["이민수", "minsu@company.example"]) expect(html).not.toContain(text);
}

/** Ends this person's live sessions in the registry, as their idle time would. */
async function letIdleTimePass(app: { rows(sql: string): Promise<unknown> }): Promise<void> {
  await app.rows(`UPDATE "Session" SET "idleExpiresAt" = now() - interval '1 second' WHERE "endedAt" IS NULL`);
}

test("before the idle end a dialog counts down in every tab, and the tabs agree", async ({ page, context, signIn }) => {
  await signIn("minsu");
  const other = await openTab(context);
  await expectWarning(page);
  await expectWarning(other);
  await expect(warning(page)).toHaveAccessibleName(english("sessionWatch.idle.heading"));
  await expect(warning(page)).toHaveAccessibleDescription(/ \d seconds are left\.$/);
  await expect(page.getByRole("button", { name: english("sessionWatch.idle.stay") })).toBeFocused();
  const [here, there] = await Promise.all(
    [page, other].map(async (tab) => Number((await timer(tab).textContent())?.split(":")[1])),
  );
  expect(Math.abs((here ?? 0) - (there ?? 99))).toBeLessThanOrEqual(1);
  expect(here).toBeLessThanOrEqual(idleSeconds / 2);
});

test("whoever stays in one tab stays in all, and gets the focus back where it was", async ({
  page,
  context,
  app,
  signIn,
}) => {
  await signIn("minsu");
  const other = await openTab(context);
  const link = other.getByRole("link", { name: "Daemun, home" });
  await link.focus();
  await expectWarning(page);
  await expectWarning(other);
  const before = await other.evaluate(() => document.documentElement.getBoundingClientRect().toJSON());
  await page.getByRole("button", { name: english("sessionWatch.idle.stay") }).click();
  await expect(warning(page)).toBeHidden();
  await expect(warning(other)).toBeHidden();
  await expect(link).toBeFocused();
  expect(await other.evaluate(() => document.documentElement.getBoundingClientRect().toJSON())).toEqual(before);

  const [row] = await app.rows<{ left: number }>(
    `SELECT extract(epoch FROM "idleExpiresAt" - now())::float AS left FROM "Session"
     WHERE subject = 'minsu' AND "endedAt" IS NULL ORDER BY "createdAt" DESC LIMIT 1`,
  );
  expect(row?.left).toBeGreaterThan(idleSeconds / 2);
  // The next countdown begins at the new deadline, not at the old one.
  await expectWarning(other);
  await expect(other.getByRole("main")).toContainText("이민수");
});

test("a page that somebody opens in one tab closes the dialog in the other; so does Escape, which means to stay", async ({
  page,
  context,
  signIn,
}) => {
  await signIn("minsu");
  await expectWarning(page);
  const other = await openTab(context);
  await expect(warning(page)).toBeHidden();
  await expectWarning(other);
  await expectWarning(page);
  await other.keyboard.press("Escape");
  await expect(warning(other)).toBeHidden();
  await expect(warning(page)).toBeHidden();
  await expect(other.getByRole("main")).toContainText("이민수");
});

test("whoever leaves in one tab leaves in all, without a click in the others", async ({ page, context, signIn }) => {
  await signIn("minsu");
  const other = await openTab(context);
  await expectWarning(page);
  await page.getByRole("button", { name: english("sessionWatch.idle.signOut") }).click();
  await expect(page).toHaveURL(/\/signed-out$/);
  await expect(other).toHaveURL(/\/signed-out$/);
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
  await expectNothingProtected(other);
});

test("when nobody is there, every tab ends by itself, says why, and keeps nothing of the page", async ({
  page,
  context,
  signIn,
}) => {
  await signIn("minsu");
  const other = await openTab(context);
  for (const tab of [page, other]) {
    await expect(tab).toHaveURL(/\/sign-in\?returnTo=%2Faccount$/, { timeout: idleSeconds * 2000 });
    await expect(tab.getByRole("main").getByRole("alert")).toContainText(english("errors.session_idle.title"));
    await expectNothingProtected(tab);
  }
});

test("a tab that cannot reach the app at the end hides its page all the same, and finds its way later", async ({
  page,
  context,
  signIn,
}) => {
  await signIn("minsu");
  await expectWarning(page);
  await context.setOffline(true);
  await page.getByRole("button", { name: english("sessionWatch.idle.stay") }).click();
  await expect(warning(page).getByRole("status")).toContainText(english("sessionWatch.unreachable"));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(english("sessionWatch.over.unreachable.heading"), {
    timeout: idleSeconds * 1000,
  });
  await expectNothingProtected(page);
  await expect(page).toHaveTitle(`${english("sessionWatch.over.unreachable.title")} · Daemun`);
  await context.setOffline(false);
  await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount$/);
});

test("a session that ended while the laptop slept is gone from the screen as soon as it wakes", async ({
  page,
  app,
  context,
  signIn,
}) => {
  await context.addInitScript(() => {
    const now = Date.now;
    let slept = 0;
    Date.now = () => now.call(Date) + slept;
    addEventListener("test:sleep", () => {
      slept += 3_600_000;
    });
  });
  await signIn("minsu");
  await waitForScripts(page);
  await letIdleTimePass(app);
  await page.evaluate(() => dispatchEvent(new Event("test:sleep")));
  await expect(page).toHaveURL(/\/sign-in\?/, { timeout: 4_000 });
  await expectNothingProtected(page);
});

test("a session that lives is not ended by a clock that somebody sets, nor by one that is hours off", async ({
  page,
  context,
  signIn,
}) => {
  await context.addInitScript(() => {
    const now = Date.now;
    let ahead = -7 * 3_600_000;
    Date.now = () => now.call(Date) + ahead;
    addEventListener("test:set-clock", () => {
      ahead += 12 * 3_600_000;
    });
  });
  await signIn("minsu");
  await waitForScripts(page);
  const asked = page.waitForResponse("**/api/session");
  await page.evaluate(() => dispatchEvent(new Event("test:set-clock")));
  await asked;
  await expectWarning(page);
  expect(Number((await timer(page).textContent())?.split(":")[1])).toBeLessThanOrEqual(idleSeconds / 2);
  await expect(page.getByRole("main")).toContainText("이민수");
});

test("a page of somebody's former session is loaded again when another person signs in beside it", async ({
  page,
  context,
  signIn,
}) => {
  await signIn("minsu");
  await waitForScripts(page);
  const other = await context.newPage();
  await other.goto("/sign-in");
  await other.locator('form[data-provider="partner"] button').first().click();
  await other.locator('form[data-person="seoyeon"] button').click();
  await expect(other.getByRole("main")).toContainText("최서연");
  await expect(page.getByRole("main")).toContainText("최서연");
  await expectNothingProtected(page);
});

test("without a line between the tabs, each finds out by itself", async ({ page, context, signIn }) => {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, "BroadcastChannel"));
  await signIn("minsu");
  const other = await openTab(context);
  await expectWarning(page);
  await page.getByRole("button", { name: english("sessionWatch.idle.stay") }).click();
  await expect(warning(page)).toBeHidden();
  await expectWarning(other);
  await page.goto("/sign-out");
  await page.locator('form[data-scope="device"] button').click();
  await expect(other).toHaveURL(/\/sign-in\?/, { timeout: idleSeconds * 1000 });
});
