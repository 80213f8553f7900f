import { expectAccessible } from "./fixtures/accessibility";
import { signInOn } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { english, korean } from "./fixtures/texts";

// Each of these tests looks at many pages.
test.describe.configure({ timeout: 120_000 });

test("an administrator finds a user, disables them, and enables them again; they are out at their next click", async ({
  page,
  app,
  signIn,
  newDevice,
}) => {
  const theirs = await newDevice();
  await signInOn(theirs, "minsu");
  await signIn("haneul");
  await page.goto("/admin");
  await page.getByRole("navigation", { name: "Administration" }).getByRole("link", { name: "Users" }).click();
  await page.getByRole("searchbox").fill("이민");
  await page.keyboard.press("Enter");
  await page.locator("li[data-user]").getByRole("link", { name: "이민수" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("이민수");

  await page.locator('form[data-act="disable"] button').click();
  await expect(page.getByRole("status").first()).toHaveText(english("admin.user.done.disable"));
  await expect(page.locator('li[data-event="admin.action"]').first()).toBeVisible();
  await theirs.goto("/account");
  await expect(theirs).toHaveURL(/\/sign-in\?.*error=session_revoked/);

  await page.locator('form[data-act="enable"] button').click();
  await expect(page.getByRole("status").first()).toHaveText(english("admin.user.done.enable"));
  await signInOn(theirs, "minsu");
  await expect(theirs).toHaveURL(/\/account$/);
  expect(await app.rows(`SELECT 1 FROM "User" WHERE "disabledAt" IS NOT NULL`)).toEqual([]);
});

test("an administrator filters the audit trail and takes it away as a file", async ({ page, signIn }) => {
  await signIn("haneul");
  await page.goto("/admin/audit");
  await page.locator('select[name="event"]').selectOption("sign_in.succeeded");
  await page.locator('select[name="outcome"]').selectOption("success");
  await page.getByRole("button", { name: english("admin.audit.filter.apply"), exact: true }).click();
  await expect(page).toHaveURL(/event=sign_in\.succeeded/);
  for (const row of await page.locator("li[data-event]").all()) {
    await expect(row).toHaveAttribute("data-event", "sign_in.succeeded");
  }
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: english("admin.audit.export.csv") }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^audit-[\d-]+\.csv$/);
});

for (const { locale, text } of [
  { locale: "en-US", text: english },
  { locale: "ko-KR", text: korean },
]) {
  test.describe(`in ${locale}`, () => {
    test.use({ locale });

    test("axe objects to no page of administration, empty or full", async ({ page, app, signIn }) => {
      await signIn("haneul");
      const [row] = await app.rows<{ userId: string }>(
        `SELECT "userId" FROM "Account" WHERE "providerAccountId" = 'haneul'`,
      );
      await app.rows(`TRUNCATE "DailyCount"`);
      await page.goto("/admin");
      await expect(page.getByRole("main")).toContainText(text("admin.overview.none.title"));
      await expectAccessible(page, "/admin with nothing counted");
      await page.goto("/admin/users?q=nobody+of+that+name");
      await expectAccessible(page, "/admin/users with nobody");
      await app.rows(
        `INSERT INTO "DailyCount" (day, events, users, sessions, "mostSessions", "signInMedian", "signInP95", "countedAt")
         SELECT (now() AT TIME ZONE 'UTC')::date - n, jsonb_build_array(
           jsonb_build_array('sign_in.succeeded', 'success', '', 'company', 40 + n), jsonb_build_array('sign_in.failed', 'failure', 'provider_timeout', 'company', n % 7),
           jsonb_build_array('token.refresh_failed', 'failure', 'provider_timeout', 'company', n % 3)), 1234, 56, 60 + n % 9, 180 + n, 400 + 7 * n, now()
         FROM generate_series(0, 29) n`,
      );
      const paths = [
        "/admin",
        "/admin/users",
        `/admin/users/${row?.userId}`,
        "/admin/sessions",
        "/admin/audit",
        "/admin/providers",
      ];
      for (const path of paths) {
        await page.goto(path);
        for (const summary of await page.getByRole("main").locator("summary").all()) await summary.click();
        await expectAccessible(page, path);
      }
    });
  });
}
