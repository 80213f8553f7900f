import { expectAccessible } from "./fixtures/accessibility";
import { chooseProvider, chooseUser, signInOn } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

test("a user reads what happened in their account, in their language, and axe objects to nothing", async ({
  page,
  signIn,
  app,
  newDevice,
}) => {
  await signIn("haneul", { to: "/account/activity" });
  const main = page.getByRole("main");
  await expect(main).toContainText("Account created with Company");
  await app.rows(
    `INSERT INTO "AuditEvent" (event, outcome, reason, "userId", provider, detail)
     SELECT e.event, e.outcome, e.reason, u.id, 'company', e.detail::jsonb FROM "User" u,
       (VALUES ('token.refreshed', 'success', NULL, '{}'), ('token.refreshed', 'success', NULL, '{}'),
               ('service.connected', 'success', NULL, '{"service": "notes"}'),
               ('authorization.denied', 'failure', 'forbidden', '{}'),
               ('admin.action', 'success', NULL, '{"act": "enable", "actor": "admin"}')) e(event, outcome, reason, detail)
     WHERE u.email = 'haneul@company.example'`,
  );
  await page.reload();
  await expect(main).toContainText("The app renewed its access at Company");
  await expect(main).toContainText("2 times");
  await expect(main).toContainText("An administrator enabled your account again");
  await expectAccessible(page, "activity");

  const other = await newDevice({ locale: "ko-KR" });
  await signInOn(other, "haneul", { to: "/account/activity" });
  await expect(other.getByRole("main")).toContainText("Company 계정으로 로그인했어요");
  await expectAccessible(other, "activity");
});

test("a new device is told on the others, and its session ends with one click that leads to what else to do", async ({
  page,
  signIn,
  newDevice,
}) => {
  await signIn("minsu");
  const stranger = await newDevice({ userAgent: firefox });
  await signInOn(stranger, "minsu");
  // Both are on one network here; what differs is the browser.
  await page.reload();
  const notice = page.locator("aside[data-notice]");
  await expect(notice).toContainText("Firefox, Linux");
  await expectAccessible(page, "a notice of a new device");
  await page.setViewportSize({ width: 1280, height: 900 });
  await notice.getByRole("link").click();
  await expect(page).toHaveURL(/\/account\/activity$/);
  await page.locator("form[data-not-me] button").first().click();
  await expect(page).toHaveURL(/\/account\/activity\?ended=1$/);
  await expect(page.getByRole("main")).toContainText("That session has ended");
  await stranger.goto("/account");
  await expect(stranger).toHaveURL(/\/sign-in\?/);

  await page.locator("aside[data-notice] form button").click();
  await expect(page.locator("aside[data-notice]")).toHaveCount(0);
  await expect(page).toHaveURL(/\/account\/activity/);
});

test("a user downloads what is kept about them", async ({ page, signIn }) => {
  await signIn("jiwoo", { to: "/account/data" });
  await expectAccessible(page, "data");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator('form[data-form="export"] button').click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^account-\d{4}-\d\d-\d\d\.json$/);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
  expect(JSON.parse(Buffer.concat(chunks).toString("utf8"))).toMatchObject({
    accounts: [{ providerAccountId: "jiwoo" }],
  });
});

for (const javaScriptEnabled of [true, false])
  test(`a user deletes their account after typing a word, and undoes it by signing in, ${javaScriptEnabled ? "with" : "without"} script`, async ({
    newDevice,
  }) => {
    const page = await newDevice({ javaScriptEnabled });
    const user = javaScriptEnabled ? "eunji" : "maximilian";
    await signInOn(page, user, { to: "/account/data" });
    const form = page.locator('form[data-form="delete"]');
    await form.getByRole("textbox").fill("nothing");
    await form.getByRole("button").click();
    await expect(page.locator("#mistyped")).toBeVisible();
    // What looks for faults is a script itself.
    if (javaScriptEnabled) await expectAccessible(page, "data, mistyped");
    await form.getByRole("textbox").fill("delete");
    await form.getByRole("button").click();
    await page.waitForURL("**/signed-out");
    await expect(page.getByRole("main")).toContainText("Your account will be deleted");
    if (javaScriptEnabled) await expectAccessible(page, "after deletion");

    await page.goto("/account");
    await chooseProvider(page);
    if (!new URL(page.url()).pathname.startsWith("/account")) await chooseUser(page, user);
    await page.waitForURL("**/account");
    await expect(page.locator("aside[data-notice]")).toContainText("Your account stays");
    await page.locator("aside[data-notice] form button").click();
    await expect(page.locator("aside[data-notice]")).toHaveCount(0);
  });
