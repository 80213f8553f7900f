import type { Page, Request } from "@playwright/test";
import { chooseUser, waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { buildExtended } from "./support/extension/build";
import { extendedResources } from "./support/extension/resources";

// Pages of a developer's own (e2e/support/extension/app/anywhere): buttons, server actions, and NextAuth's client.

test.use({
  otherBuild: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are wanted from it.
    async ({}, use) => use({ directory: (await buildExtended()).folder, resources: extendedResources }),
    { scope: "worker", timeout: 600_000 },
  ],
});

const who = (page: Page) => page.locator("[data-who]");
const atProvider = (page: Page, issuer: string) => page.waitForURL((url) => url.origin === issuer);

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a button on any page signs in on a browser's first visit, leads back to that page, and another signs out to where it says", async ({
    page,
    context,
    app,
  }) => {
    await page.goto("/anywhere?kept=%ED%95%9C");
    expect((await context.cookies()).map(({ name }) => name)).toEqual([]);
    await expect(who(page)).toHaveText("nobody");
    await page.getByRole("button", { name: "Enter", exact: true }).click();
    await atProvider(page, app.issuers.company);
    await chooseUser(page, "minsu");
    await page.waitForURL("**/anywhere?kept=%ED%95%9C");
    await expect(who(page)).toHaveText("이민수 by company");
    await page.getByRole("button", { name: "Leave" }).click();
    await page.waitForURL("**/anywhere?left=1");
    await expect(who(page)).toHaveText("nobody");
  });

  test("a button without a provider, where there are several, leads to the page that lists them", async ({ page }) => {
    await page.goto("/anywhere");
    await page.getByRole("link", { name: "Sign in", exact: true }).last().click();
    await page.waitForURL("**/sign-in?returnTo=%2Fclub%2Fanybody");
    await expect(page.locator("form[data-provider]")).toHaveCount(2);
  });

  test("a server action signs in and out", async ({ page }) => {
    await page.goto("/anywhere/server");
    await page.locator('form[data-form="bound"] button').click();
    await chooseUser(page, "jiwoo");
    await page.waitForURL("**/anywhere/server?by=form");
    await expect(who(page)).not.toHaveText("nobody");
    await page.locator('form[data-form="out"] button').click();
    await page.waitForURL("**/signed-out");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
  });
});

test("a developer's own server action signs in and out, with scripts", async ({ page, app }) => {
  await page.goto("/anywhere/server");
  await waitForScripts(page);
  await page.locator('form[data-form="address"] button').click();
  await expect(page.locator('form[data-form="address"] output')).toContainText(`${app.issuers.company}/`);
  await page.locator('form[data-form="own"] button').click();
  await chooseUser(page, "jiwoo");
  await page.waitForURL("**/anywhere/server?by=action");
  await expect(who(page)).not.toHaveText("nobody");
  await waitForScripts(page);
  await page.locator('form[data-form="leave"] button').click();
  await page.waitForURL("**/anywhere?left=1");
  await expect(who(page)).toHaveText("nobody");
});

test("a sign-out that leads to a page of the app's own is told to the browser's other tabs", async ({
  page,
  context,
}) => {
  await page.goto("/anywhere");
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await chooseUser(page, "minsu");
  await page.waitForURL("**/anywhere");
  const other = await context.newPage();
  await other.goto("/account");
  await waitForScripts(other);
  await page.getByRole("button", { name: "Leave" }).click();
  await page.waitForURL("**/anywhere?left=1");
  await other.waitForURL("**/signed-out");
});

test.describe("signIn() and signOut() of next-auth/react", () => {
  const told = (page: Page) => page.locator("[data-told]");
  const click = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

  async function openClient(page: Page, path = "/anywhere/client"): Promise<void> {
    await page.goto(path);
    await waitForScripts(page);
  }

  test("redirect to the provider and back to the address they name, fragment and all, and out again", async ({
    page,
  }) => {
    await openClient(page);
    await expect(page.locator("[data-status]")).toHaveText("unauthenticated");
    await click(page, "Enter");
    await chooseUser(page, "minsu");
    await page.waitForURL("**/anywhere/client?by=client#here");
    await expect(who(page)).toHaveText("이민수");
    await waitForScripts(page);
    await click(page, "Leave");
    await page.waitForURL("**/anywhere?left=1");
    await page.goto("/account");
    await expect(page).toHaveURL(/\/sign-in\?/);
  });

  test("pass a hint on, and lead to the page that lists providers where none is named", async ({ page, app }) => {
    await openClient(page);
    await click(page, "Choose");
    await page.waitForURL("**/sign-in?returnTo=%2Fanywhere%2Fclient");
    await openClient(page);
    await click(page, "Enter with a hint");
    await atProvider(page, app.issuers.company);
    const asked = await app.control.journal("company", { endpoint: "authorization" });
    expect(JSON.stringify(asked.at(-1))).toContain("haneul");
    await chooseUser(page, "haneul");
    await page.waitForURL("**/club/anybody");
  });

  test("answer without a redirect where that is asked for: an address, or the error by its code", async ({
    page,
    app,
    complaints,
  }) => {
    await openClient(page);
    await click(page, "Ask");
    await expect(told(page)).toContainText(`"ok":true,"url":"${app.issuers.company}/`);
    await app.control.addFault("company", { endpoint: "discovery", fault: { kind: "respond", status: 503 } });
    await click(page, "Ask");
    await expect(told(page)).toContainText('"error":"provider_unavailable"');
    await expect(told(page)).toContainText('"ok":false,"url":null');
    // Chromium says of the 503 what the page was told as well.
    await expect.poll(() => complaints.splice(0).join()).toContain("503");
  });

  test("sign out where the page stays, which knows at once", async ({ page, signIn, app }) => {
    await signIn("minsu");
    await openClient(page);
    await expect(who(page)).toHaveText("이민수");
    await click(page, "Leave and stay");
    await expect(told(page)).toHaveText(`{"url":"${app.url}/anywhere/client"}`);
    await expect(page.locator("[data-status]")).toHaveText("unauthenticated");
  });
});

test("a session that was handed in costs no request, and one that was not is asked for without counting as activity", async ({
  page,
  signIn,
  app,
}) => {
  await signIn("minsu");
  const asked: string[] = [];
  page.on("request", (request: Request) => asked.push(new URL(request.url()).pathname));
  await page.goto("/anywhere/client");
  await waitForScripts(page);
  await expect(who(page)).toHaveText("이민수");
  expect(asked.filter((path) => path.startsWith("/api/auth"))).toEqual([]);
  // A session that nobody has used for a while: a poll must not make it look used.
  const quiet = `UPDATE "Session" SET "lastActiveAt" = now() - interval '10 minutes' WHERE "endedAt" IS NULL`;
  await app.rows(quiet);
  await page.getByRole("button", { name: "Get", exact: true }).click();
  await expect(page.locator("[data-told]")).toContainText('"provider":"company"');
  const [row] = await app.rows<{ age: number }>(
    `SELECT extract(epoch FROM now() - "lastActiveAt")::int age FROM "Session" WHERE "endedAt" IS NULL`,
  );
  expect(row?.age).toBeGreaterThan(500);
});
