import { chooseProvider, signInOn, signOut } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { english, signedOutItem } from "./fixtures/texts";
import { sessionCookie } from "./support/cookies";

test("signing out of this device says what ended, and the next sign-in asks for nothing", async ({ page, signIn }) => {
  await signIn("minsu");
  await signOut(page, "device");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
  await expect(page.locator("main li")).toHaveText([
    signedOutItem("ended", "device"),
    signedOutItem("notEnded", "providerNotAsked", { provider: "Company" }),
    signedOutItem("notEnded", "otherDevices"),
  ]);
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount$/);
  await chooseProvider(page);
  await page.waitForURL("**/account");
  await expect(page.getByRole("main")).toContainText("이민수");
});

test("L3: signing out at the provider as well, and the next sign-in asks who it is", async ({ page, signIn }) => {
  await signIn("minsu");
  // The provider's page may frame this one answer of ours: a policy that forbade it would be a complaint of the browser's.
  const framed = page.waitForResponse(/\/api\/oidc\/company\/frontchannel-logout\?/);
  await signOut(page, "provider");
  expect((await framed).status()).toBe(200);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
  await expect(page.locator("main li")).toHaveText([
    signedOutItem("ended", "device"),
    signedOutItem("ended", "providerEnded", { provider: "Company" }),
    signedOutItem("notEnded", "otherDevices"),
  ]);
  await page.goto("/account");
  await chooseProvider(page);
  await expect(page.locator('form[data-person="minsu"]')).toBeVisible();
});

test("signing out everywhere puts the other device out too", async ({ page, signIn, newDevice }) => {
  await signIn("eunji");
  const phone = await newDevice();
  await signInOn(phone, "eunji");
  await signOut(page, "everywhere");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
  await expect(page.locator("main li")).toHaveText([
    /^Ended\s*\d+ sessions, on all your devices$/,
    signedOutItem("ended", "providerEnded", { provider: "Company" }),
    signedOutItem("notEnded", "providersElsewhere"),
  ]);

  await phone.reload();
  await expect(phone).toHaveURL(/\/sign-in\?/);
  await expect(phone.getByRole("main").getByRole("alert")).toContainText(english("errors.session_revoked.title"));
  await expect(phone.getByRole("main")).not.toContainText("Eunji Park");
});

test("signing out of this device leaves the other device in", async ({ page, signIn, newDevice }) => {
  await signIn("minsu");
  const phone = await newDevice();
  await signInOn(phone, "minsu");
  await signOut(page, "device");
  await phone.reload();
  await expect(phone).toHaveURL(/\/account$/);
  await expect(phone.getByRole("main")).toContainText("이민수");
});

test("a visit to the sign-out page, or to its address, ends nothing", async ({ page, signIn }) => {
  await signIn("minsu");
  await page.goto("/sign-out");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Where do you want to sign out?");
  expect((await page.request.get("/api/auth/signout")).status()).toBe(405);
  await page.goto("/signed-out");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are still signed in");
  await page.goto("/account");
  await expect(page.getByRole("main")).toContainText("이민수");
});

test("signing out twice, from two tabs, is no fault", async ({ page, context, signIn }) => {
  // With a line between them, the second tab would have left with the first.
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, "BroadcastChannel"));
  await signIn("minsu");
  const other = await context.newPage();
  await other.goto("/sign-out");
  await signOut(page, "device");
  await other.locator('form[data-scope="device"] button').click();
  await other.waitForURL("**/signed-out**");
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
});

test("the back button after a sign-out shows nothing of the account", async ({ page, signIn }) => {
  await signIn("minsu");
  await signOut(page, "device");
  for (const expected of [/\/sign-out$/, /\/sign-in\?/]) {
    await page.goBack();
    await expect(page).toHaveURL(expected);
    await expect(page.locator("body")).not.toContainText("이민수");
    await expect(page.locator("body")).not.toContainText("minsu@company.example");
  }
});

test("nor does it with the browser's back/forward cache", async ({ playwright, launchOptions, app }) => {
  const browser = await playwright.chromium.launch({
    ...launchOptions,
    // Playwright turns it off, but people have it on.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
  try {
    const page = await browser.newPage({ baseURL: app.url });
    await signInOn(page, "minsu");
    await signOut(page, "device");
    await page.evaluate(() => history.go(-2));
    await expect(page).toHaveURL(/\/sign-in\?/);
    await expect(page.locator("body")).not.toContainText("이민수");
  } finally {
    await browser.close();
  }
});

test("S7: the old cookie, put back after the sign-out, opens no page, no navigation inside the app, and no API", async ({
  page,
  context,
  app,
  signIn,
}) => {
  await signIn("minsu");
  const kept = (await context.cookies(app.url)).filter(({ name }) => name === sessionCookie(app.url));
  const read = {
    page: () => page.request.get("/account", { headers: { accept: "text/html", "sec-fetch-mode": "navigate" } }),
    inside: () => page.request.get("/account", { headers: { RSC: "1" } }),
    api: () => page.request.get("/api/me"),
  };
  for (const request of Object.values(read)) {
    const answer = await request();
    expect(answer.status()).toBe(200);
    expect(await answer.text()).toContain("이민수");
  }

  await signOut(page, "device");
  await context.addCookies(kept);
  for (const request of Object.values(read)) expect(await (await request()).text()).not.toContain("이민수");
  const refused = await read.api();
  expect(refused.status()).toBe(401);
  expect(await refused.json()).toMatchObject({ error: "session_revoked", request_id: expect.any(String) });

  await context.addCookies(kept);
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in\?/);
  await expect(page.getByRole("main")).not.toContainText("이민수");
});
