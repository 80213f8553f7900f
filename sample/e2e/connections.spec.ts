import type { Locator, Page } from "@playwright/test";
import { chooseUser, signOut, waitForScripts } from "../../e2e/fixtures/steps";
import { expect, test } from "../../e2e/fixtures/test";
import type { TestApp } from "../../e2e/fixtures/test-app";

const notesPage = "/services/notes";
const row = (page: Page): Locator => page.locator('li[data-service="notes"]');
const entry = (page: Page): Locator => page.locator('form[data-form="entry"]');

/** Clicks a form that leaves for the third party, and comes back from it, as `person` there where it asks. */
async function goThere(page: Page, action: "connect" | "more", user: string, back: string): Promise<void> {
  await page.locator(`form[data-action="${action}"] button`).click();
  const there = page.locator(`form[data-person="${user}"] button`);
  await expect(there.or(page.locator(`body:has(header summary[aria-label])`))).toBeVisible();
  if (await there.isVisible()) await chooseUser(page, user);
  await page.waitForURL((url) => url.pathname === back);
}

/** Every token that the third party has issued. */
async function issuedThere(app: TestApp): Promise<string[]> {
  const issued = await app.control.issued("notes");
  const tokens = issued.flatMap(({ accessToken, refreshToken, idToken }) => [accessToken, refreshToken, idToken]);
  return tokens.flatMap((token) => (token ? [token, token.split(".")[2] ?? token] : []));
}

test("a user is told which site comes next before they connect a service", async ({ page, app, signIn }) => {
  const said = `Takes you to ${new URL((await app.control.describe("notes")).issuer).host}`;
  await signIn("haneul");
  for (const path of [notesPage, "/account/connections"]) {
    await page.goto(path);
    await expect(page.locator('form[data-action="connect"] button')).toHaveAccessibleDescription(said);
    await expect(page.getByText(said, { exact: true })).toBeVisible();
  }
});

test("somebody connects a service from its page, allows more later, writes there, and disconnects", async ({
  page,
  signIn,
}) => {
  await signIn("haneul", { to: notesPage });
  await expect(page.getByRole("heading", { level: 2 })).toHaveText("Connect Notes first");
  await expect(page.getByRole("main")).toContainText("Read your notes");
  await expect(page.getByRole("main")).not.toContainText("Write notes for you");
  await goThere(page, "connect", "n-haneul", notesPage);
  await expect(page.getByText("No notes yet")).toBeVisible();
  await expect(entry(page)).toHaveCount(0);

  await page.goto("/account/connections");
  await expect(row(page).getByText("Connected", { exact: true })).toBeVisible();
  await expect(row(page)).toContainText("Read your notes");
  await expect(row(page).locator("dt", { hasText: "Not allowed yet" })).toBeVisible();
  await page.goto(notesPage);

  await goThere(page, "more", "n-haneul", notesPage);
  await expect(entry(page)).toBeVisible();
  await waitForScripts(page);
  await entry(page).getByLabel("Note").fill("Oil the hinges.\nOf the gate.");
  await entry(page).getByRole("button", { name: "Add note" }).click();
  await expect(page.locator("li[data-note]")).toHaveText([/Oil the hinges\.\s+Of the gate\./]);
  await expect(page.getByRole("main").getByRole("status")).toHaveText("Note added");
  await page.reload();
  await expect(page.locator("li[data-note]")).toHaveCount(1);

  await page.goto("/account/connections");
  await expect(row(page)).toContainText("Read your notes");
  await expect(row(page)).toContainText("Write notes for you");
  await expect(row(page).locator('form[data-action="more"]')).toHaveCount(0);
  await expect(row(page)).not.toContainText("Not used yet");
  await row(page).getByRole("button", { name: "Disconnect: Notes" }).click();
  await expect(row(page).getByText("Not connected")).toBeVisible();
  await page.goto(notesPage);
  await expect(page.getByRole("heading", { level: 2 })).toHaveText("Connect Notes first");
});

test("a connection outlives the sign-in, and is nobody else's", async ({ page, newDevice, signIn }) => {
  await signIn("haneul", { to: "/account/connections" });
  await goThere(page, "connect", "n-haneul", "/account/connections");
  await expect(row(page).getByText("Connected", { exact: true })).toBeVisible();
  await signOut(page, "everywhere");
  await signIn("haneul", { to: "/account/connections" });
  await expect(row(page).getByText("Connected", { exact: true })).toBeVisible();

  const others = await newDevice();
  await others.goto("/account/connections");
  await others.locator('form[data-provider="company"] button').first().click();
  await chooseUser(others, "minsu");
  await others.waitForURL("**/account/connections");
  await expect(row(others).getByText("Not connected")).toBeVisible();
});

test("what works with the sign-in is listed without anything to connect, and leads to its page", async ({
  page,
  signIn,
}) => {
  await signIn("minsu", { to: "/account/connections" });
  for (const id of ["shopping", "store"]) await expect(page.locator(`li[data-service="${id}"] form`)).toHaveCount(0);
  await page.getByRole("link", { name: "Open: Shopping" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Shopping");
  await page.getByRole("link", { name: "Connected services" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Connected services");
});

test("whoever turns back at the third party is back where they were, and has connected nothing", async ({
  page,
  signIn,
}) => {
  await signIn("haneul", { to: "/account/connections" });
  await row(page).getByRole("button", { name: "Connect: Notes" }).click();
  await page.locator('form[data-form="cancel"] button').click();
  await page.waitForURL("**/account/connections");
  await expect(row(page).getByText("Not connected")).toBeVisible();
});

test("a connection that the third party ended is asked for again where it is used", async ({ page, app, signIn }) => {
  await app.control.setTokenLifetime("notes", 2);
  await signIn("haneul", { to: notesPage });
  await goThere(page, "connect", "n-haneul", notesPage);
  await app.control.revokeGrants("notes", { sub: "n-haneul" });
  await app.control.setTokenLifetime("notes", 3600);
  const heading = async () => {
    await page.reload();
    return page.getByRole("heading", { level: 2 }).first().textContent();
  };
  await expect.poll(heading, { intervals: [300] }).toBe("Connect Notes first");
  await goThere(page, "connect", "n-haneul", notesPage);
  await expect(page.getByText("No notes yet")).toBeVisible();
});

test("no token of the third party is in a page, in what it is loaded from, or in what the app printed", async ({
  page,
  context,
  app,
  signIn,
}) => {
  await signIn("haneul", { to: notesPage });
  await goThere(page, "connect", "n-haneul", notesPage);
  const texts: string[] = [];
  for (const address of [notesPage, "/account/connections"]) {
    texts.push((await (await page.goto(address))?.text()) ?? "", await page.content());
    texts.push(await page.evaluate(async (path) => (await fetch(path, { headers: { RSC: "1" } })).text(), address));
  }
  texts.push(
    await page.evaluate(async () => (await fetch("/api/services/notes/notes", { headers: { "X-CSRF": "1" } })).text()),
    JSON.stringify(await context.cookies()),
    app.output(),
  );
  const tokens = await issuedThere(app);
  expect(tokens.length).toBeGreaterThan(3);
  expect(texts.flatMap((text) => tokens.filter((token) => text.includes(token)))).toEqual([]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("people connect, allow more, write a note and disconnect", async ({ page, signIn }) => {
    await signIn("minsu", { to: "/account/connections" });
    await goThere(page, "connect", "n-minsu", "/account/connections");
    await goThere(page, "more", "n-minsu", "/account/connections");
    await page.goto(notesPage);
    await entry(page).getByLabel("Note").fill("Written without a script.");
    await entry(page).getByRole("button", { name: "Add note" }).click();
    await expect(page.locator("li[data-note]")).toContainText("Written without a script.");
    await page.goto("/account/connections");
    await row(page).getByRole("button", { name: "Disconnect: Notes" }).click();
    await expect(row(page).getByText("Not connected")).toBeVisible();
  });
});
