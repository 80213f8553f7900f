import { standingUsers } from "../dev/provider/users";
import { chooseProvider, chooseUser } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { type ProviderId, providerNames } from "./fixtures/test-app";
import { english } from "./fixtures/texts";

test("a person's picture is shown, and not only its place", async ({ page, signIn }) => {
  await signIn("haneul");
  const picture = page.getByRole("main").locator("img").first();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
});

for (const provider of Object.keys(providerNames) as ProviderId[]) {
  for (const { sub, about } of standingUsers(provider)) {
    test(`S4, L1: ${sub} of ${providerNames[provider]} (${about?.en}) signs in and sees what the provider said`, async ({
      page,
      app,
      signIn,
    }) => {
      if (provider === "partner") {
        // Somebody's address at two providers signs nobody in: another test. Here everybody has their own.
        const { email } = await app.control.user(provider, sub);
        await app.control.changeUser(provider, sub, { email: email ? `${sub}@own.partner.example` : null });
      }
      const user = await app.control.user(provider, sub);
      await signIn(sub, { provider });

      const main = page.getByRole("main");
      await expect(main.getByRole("heading", { level: 1 })).toHaveText("Your account");
      await expect(main).toContainText(user.name ?? "No name given");
      await expect(main.getByRole("definition").first()).toHaveText(providerNames[provider]);
      if (user.email) {
        await expect(main.getByText(user.email).first()).toBeVisible();
        const badge = user.emailVerified ? `Verified by ${providerNames[provider]}` : "Not verified";
        await expect(main.getByText(badge, { exact: true })).toBeVisible();
      }
      if (!user.email) await expect(main.getByText(english("account.noEmail"))).toBeVisible();

      const claim = (name: string) => main.locator(`[data-claim="${name}"] td`);
      await expect(claim("sub")).toHaveText(sub);
      await expect(claim("iss")).toHaveText(app.issuers[provider]);
      await expect(claim("name")).toHaveText(user.name ?? "— (empty)");
      await expect(claim("username")).toHaveText(user.username ?? "— (empty)");
      await expect(claim("email")).toHaveText(user.email ?? "— (empty)");
      if (user.email) await expect(claim("email_verified")).toHaveText(user.emailVerified ? "Yes" : "No");
      if (user.roles.length > 0) await expect(claim("roles").locator("li")).toHaveText(user.roles);
      // What was not filled in and has no null of its own is absent, not empty (L8).
      else await expect(claim("roles")).toHaveCount(0);
    });
  }
}

test("people sign in with a login and a password too, and hear it when these don't fit", async ({ page }) => {
  await page.goto("/account");
  await chooseProvider(page);
  const form = page.locator('form[data-form="password"]');
  await form.locator('[name="login"]').fill("minsu");
  await form.locator('[name="password"]').fill("not it");
  await form.getByRole("button").click();
  await expect(page.getByRole("alert")).toBeVisible();
  await form.locator('[name="password"]').fill("daemun");
  await form.getByRole("button").click();
  await expect(page.getByRole("main")).toContainText("이민수");
});

test("a stranger with somebody's e-mail address gets no account of theirs, and is told the way out", async ({
  page,
  app,
  signIn,
  newDevice,
}) => {
  await signIn("haneul");
  const { email } = await app.control.user("company", "haneul");
  await app.control.putUser("partner", { sub: "stranger", login: "stranger", email, emailVerified: true });
  const stranger = await newDevice();
  await stranger.goto("/account");
  await chooseProvider(stranger, "partner");
  await chooseUser(stranger, "stranger");
  await expect(stranger.getByRole("heading", { level: 1 })).toHaveText(english("errors.account_not_linked.title"));
  await expect(stranger.getByRole("main")).toContainText(english("errors.account_not_linked.action"));
  await stranger.goto("/account");
  await expect(stranger).toHaveURL(/\/sign-in\?/);
  await page.reload();
  await expect(page.getByRole("main")).toContainText("김하늘");
});

test("L1: “Create an account” shows the provider's registration page first, and whoever registers is signed in", async ({
  page,
}) => {
  await page.goto("/account");
  await page.getByRole("button", { name: "Create an account (Company)" }).click();
  const form = page.locator('form[data-form="create"]');
  await expect(form).toBeVisible();
  await expect(page.locator("form[data-person]")).toHaveCount(0);
  await form.locator('[name="name"]').fill("Nari Song");
  await form.locator('[name="email"]').fill("nari@new.example");
  await form.locator('[name="login"]').fill("nari");
  await form.locator('[name="password"]').fill("a long enough one");
  await form.getByRole("button").click();
  await page.waitForURL("**/account");
  await expect(page.getByRole("main")).toContainText("Nari Song");
  await expect(page.locator('[data-claim="email"] td')).toHaveText("nari@new.example");
});

test("L4: the home page offers to sign in, then greets by name and offers to sign out", async ({ page, signIn }) => {
  await page.goto("/");
  await expect(page.getByRole("main").getByRole("link", { name: "Sign in" })).toBeVisible();
  await signIn("minsu");
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome, 이민수");
  await expect(page.getByRole("main").getByRole("link", { name: "Sign out" })).toBeVisible();
});

test("somebody who is signed in already can go on, or sign in as another user, whose page it then is", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("minsu");
  await page.goto("/sign-in");
  await expect(page.getByRole("status")).toContainText("You are already signed in as 이민수");
  await chooseProvider(page, "partner");
  await chooseUser(page, "seoyeon");
  await page.waitForURL("**/account");
  await expect(page.getByRole("main")).toContainText("최서연");
  await expect(page.getByRole("main")).not.toContainText("이민수");
  const [left] = await app.rows<{ reason: string }>(
    `SELECT "endReason" reason FROM "Session" WHERE subject = 'minsu' ORDER BY "createdAt" DESC LIMIT 1`,
  );
  expect(left?.reason).toBe("replaced");
});
