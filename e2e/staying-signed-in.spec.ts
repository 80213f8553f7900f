import { chooseProvider, chooseUser, waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { english } from "./fixtures/texts";
import { sessionCookie } from "./support/cookies";

const deepLink = "/account?view=%ED%95%9C%EA%B8%80&next=%2Fa%3Fb%3D1%26c&plus=a+b&empty=";

test("a deep link survives the sign-in: path, query and every encoded character", async ({ page, app, signIn }) => {
  await signIn("minsu", { to: deepLink });
  expect(page.url()).toBe(app.url + deepLink);
});

test("a deep link keeps what could be written in another way too: spaces, marks and names without a value", async ({
  page,
  app,
  signIn,
}) => {
  const link = "/account?space=a%20b&marks=(*)!~&list[]=1;2&flag";
  await signIn("minsu", { to: link });
  expect(page.url()).toBe(app.url + link);
});

test("a deep link into a page that does not exist lands there too, and says so in a person's words", async ({
  page,
  app,
}) => {
  const path = "/no%20where/%EB%8C%80%EB%AC%B8?a=%26";
  await page.goto(path);
  await chooseProvider(page);
  await chooseUser(page, "minsu");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(english("notFound.heading"));
  expect(page.url()).toBe(app.url + path);
});

test("a #fragment, which no server ever sees, is there again after the sign-in", async ({ page, app }) => {
  await page.goto(`${deepLink}#claims`);
  await waitForScripts(page);
  await chooseProvider(page);
  await chooseUser(page, "minsu");
  await page.waitForURL("**/account?**");
  expect(page.url()).toBe(`${app.url}${deepLink}#claims`);
});

test("S5: a reload, a new tab and another start of the app keep people signed in", async ({
  page,
  context,
  app,
  signIn,
}) => {
  await signIn("minsu");
  await page.reload();
  await expect(page.getByRole("main")).toContainText("이민수");

  const tab = await context.newPage();
  await tab.goto("/account");
  await expect(tab.getByRole("main")).toContainText("이민수");

  await app.restart();
  await page.reload();
  await expect(page.getByRole("main")).toContainText("이민수");
  expect(page.url()).toBe(`${app.url}/account`);
});

test("S5: a sign-in that was begun before another start of the app is finished after it", async ({ page, app }) => {
  await page.goto("/account");
  await chooseProvider(page);
  await expect(page.locator('form[data-person="minsu"]')).toBeVisible();
  await app.restart();
  await chooseUser(page, "minsu");
  await page.waitForURL("**/account");
  await expect(page.getByRole("main")).toContainText("이민수");
});

test("S5: the session is one sealed cookie that no script can read", async ({ page, context, app, signIn }) => {
  await signIn("haneul");
  const cookies = await context.cookies(app.url);
  const sessions = cookies.filter(({ name }) => name === sessionCookie(app.url));
  expect(sessions).toEqual([
    expect.objectContaining({ httpOnly: true, sameSite: "Lax", path: "/", domain: "localhost" }),
  ]);
  expect(sessions[0]?.value.length).toBeLessThan(1500);
  expect(await page.evaluate(() => document.cookie)).not.toContain(sessionCookie(app.url));
  expect(cookies.filter(({ name }) => name.startsWith("daemun.tx."))).toEqual([]);
});
