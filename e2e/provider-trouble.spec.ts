import type { Page } from "@playwright/test";
import { chooseProvider, chooseUser } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { english } from "./fixtures/texts";

async function tryAgain(page: Page): Promise<void> {
  await page.getByRole("main").getByRole("link", { name: "Try again" }).click();
  await chooseProvider(page);
  await chooseUser(page, "minsu");
  await page.waitForURL("**/account");
  await expect(page.getByRole("main")).toContainText("이민수");
}

test("whoever cancels at the provider reads that nothing happened, and can try again", async ({ page }) => {
  await page.goto("/account");
  await chooseProvider(page);
  await page.locator('form[data-form="cancel"] button').click();
  await expect(page).toHaveURL(/\/auth-error\?code=sign_in_cancelled&ref=[\w-]+$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign-in was cancelled");
  await expect(page.getByRole("main")).toContainText("Start again whenever you like");
  await tryAgain(page);
});

test("a provider that is down is named as such on the sign-in page, keeps the deep link, and works when it is back", async ({
  page,
  app,
}) => {
  await page.goto("/account?kept=yes");
  await app.control.addFault("company", { endpoint: "all", times: null, fault: { kind: "respond", status: 503 } });
  await chooseProvider(page);
  await expect(page).toHaveURL(/\/sign-in\?.*error=provider_unavailable/);
  await expect(page.getByRole("main").getByRole("alert")).toContainText(english("errors.provider_unavailable.title"));
  await expect(page.getByRole("main").getByRole("alert")).toContainText("Wait a minute and try again");
  await app.control.clearFaults("company");
  await chooseProvider(page);
  await chooseUser(page, "minsu");
  await page.waitForURL("**/account?kept=yes");
});

test("with one provider down, the other one lets people in", async ({ page, app }) => {
  await app.control.addFault("company", { endpoint: "all", times: null, fault: { kind: "reset" } });
  await page.goto("/account");
  await chooseProvider(page, "partner");
  await chooseUser(page, "seoyeon");
  await page.waitForURL("**/account");
  await expect(page.getByRole("main")).toContainText("최서연");
});

test("a provider that breaks in the middle is said to have, with a reference, and trying again works", async ({
  page,
  app,
}) => {
  await page.goto("/account");
  await chooseProvider(page);
  await app.control.addFault("company", { endpoint: "token", times: null, fault: { kind: "respond", status: 503 } });
  await chooseUser(page, "minsu");
  await expect(page).toHaveURL(/\/auth-error\?code=provider_unavailable&/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(english("errors.provider_unavailable.title"));
  const reference = new URL(page.url()).searchParams.get("ref");
  await expect(page.getByRole("main").locator("code")).toHaveText(reference ?? "none");
  const [row] = await app.rows<{ reason: string }>(`SELECT reason FROM "AuditEvent" WHERE "requestId" = $1`, [
    reference,
  ]);
  expect(row?.reason).toBe("provider_unavailable");

  await app.control.clearFaults("company");
  await page.getByRole("main").getByRole("link", { name: "Try again" }).click();
  await chooseProvider(page);
  await page.waitForURL("**/account");
  await expect(page.getByRole("main")).toContainText("이민수");
});

test("people who are signed in notice nothing of a provider that is down", async ({ page, app, signIn }) => {
  await signIn("minsu");
  await app.control.addFault("company", { endpoint: "all", times: null, fault: { kind: "reset" } });
  await page.reload();
  await expect(page.getByRole("main")).toContainText("이민수");
  await page.goto("/sign-out");
  await page.locator('form[data-scope="provider"] button').click();
  await page.waitForURL("**/signed-out**");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
  await expect(page.getByRole("main")).toContainText(english("signedOut.providerUnreachable", { provider: "Company" }));
});

test("an address of an error page that somebody made up shows nothing of what it says", async ({ page }) => {
  await page.goto("/auth-error?code=%3Cb%3Ehi&ref=%3Cscript%3E&message=call+0800+EVIL");
  await expect(page).toHaveURL(/\/auth-error\?code=internal_error$/);
  expect(await page.content()).not.toMatch(/EVIL|<b>hi/);
});
