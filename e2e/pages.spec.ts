import { expectAccessible } from "./fixtures/accessibility";
import { signInOn, waitForScripts } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import { english, korean } from "./fixtures/texts";

// The partner's provider stands for Google.
test.use({ environment: { AUTH_PARTNER_TYPE: "google" } });

const menu = '[data-menu="account"]';

test("the menu behind the picture opens by the keyboard, closes by Escape and by a click elsewhere, and leads to the account", async ({
  page,
  signIn,
}) => {
  await signIn("minsu", { to: "/account/sessions" });
  await waitForScripts(page);
  const summary = page.locator(`${menu} summary`);
  await summary.focus();
  await page.keyboard.press("Enter");
  const link = page.locator(menu).getByRole("link", { name: english("shell.links.account") });
  await expect(link).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(link).toBeHidden();
  await expect(summary).toBeFocused();
  await summary.click();
  await expect(link).toBeVisible();
  await page.getByRole("heading", { level: 1 }).click();
  await expect(link).toBeHidden();
  await summary.click();
  await link.click();
  await page.waitForURL("**/account");
});

test("the menu signs out here in one click, and the page after that is quiet about the ordinary", async ({
  page,
  signIn,
}) => {
  await signIn("minsu");
  await page.locator(`${menu} summary`).click();
  await page
    .locator(menu)
    .getByRole("button", { name: english("shell.signOutHere") })
    .click();
  await page.waitForURL("**/signed-out**");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(english("signedOut.heading"));
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(0);
  await page.getByText(english("signedOut.quiet.details"), { exact: false }).click();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(3);
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });

    test(`whoever chooses dark has it on the next page, and light and the device's again, ${javaScriptEnabled ? "with" : "without"} scripts`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme: "light" });
      const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
      const choose = async (theme: "system" | "light" | "dark") => {
        await page.getByRole("button", { name: english(`shell.theme.${theme}`) }).click();
        await expect(page.getByRole("button", { name: english(`shell.theme.${theme}`) })).toHaveAttribute(
          "aria-pressed",
          "true",
        );
      };
      await page.goto("/sign-in?returnTo=%2Faccount%2Fsessions");
      const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await choose("dark");
      await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount%2Fsessions$/);
      expect(await scheme()).toBe("dark");
      await page.goto("/");
      expect(await scheme()).toBe("dark");
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe(light);
      await choose("light");
      expect(await scheme()).toBe("light");
      await choose("system");
      expect(await scheme()).toBe("light dark");
    });
  });
}

test("FF-83: claims are behind Details, and who somebody is comes first", async ({ page, signIn }) => {
  await signIn("haneul");
  await expect(page.getByRole("heading", { level: 2 })).toHaveText([
    english("account.methods.heading"),
    english("account.organizations.heading", { count: 2 }),
    english("account.session.heading"),
  ]);
  await expect(page.locator("[data-claim]").first()).toBeHidden();
  await page.locator("main summary", { hasText: english("account.claims.details") }).click();
  await expect(page.locator('[data-claim="roles"] td')).toBeVisible();
});

test("an unverified address is shown as one, whichever way it came", async ({ page, app, newDevice }) => {
  const { email } = await app.control.user("company", "eunji");
  await signInOn(page, "eunji");
  await expect(page.getByRole("main")).toContainText(email ?? "");
  await expect(page.getByRole("main")).toContainText(english("account.emailUnverified"));
  // Where the ID token says nothing of it.
  await app.control.addFault("company", {
    endpoint: "token",
    times: null,
    fault: { kind: "id_token", setClaims: { email: null } },
  });
  const other = await newDevice();
  await signInOn(other, "eunji");
  await expect(other.getByRole("main")).toContainText(email ?? "");
});

test("whoever belongs to two organizations chooses one, is told so, and finds it in the menu and at the service", async ({
  page,
  signIn,
}) => {
  await signIn("haneul", { to: "/account/organizations" });
  await waitForScripts(page);
  const rows = page.locator("li[data-organization]");
  await expect(rows).toHaveCount(2);
  const name = (await page.locator('li[data-organization="org_maru"] h3').textContent()) ?? "";
  expect(name).not.toBe("org_maru");
  await page.locator('form[data-organization-form="org_maru"] button').click();
  const told = page.getByRole("main").getByRole("status");
  await expect(told).toContainText(name);
  await expect(told).toBeFocused();
  await expect(page.locator('li[data-organization="org_maru"]')).toHaveAttribute("data-current", "true");
  await page.locator(`${menu} summary`).click();
  await expect(page.locator(menu)).toContainText(name);
});

test("FF-82: the sign-in page says of each provider what is really asked for", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByText(english("signIn.asked.summary")).click();
  const asked = page.getByRole("region", { name: english("signIn.asked.of", { provider: "Company" }) });
  for (const scope of ["openid", "profile", "email"])
    await expect(asked.locator(`li[data-scope="${scope}"]`)).toBeVisible();
  await expect(asked.locator('li[data-scope="shopping:write"]')).toHaveText("shopping:write");
  await expect(asked.locator('li[data-scope="email"]')).toHaveText(english("scopes.email"));
});

test.describe("in Korean", () => {
  test.use({ locale: "ko-KR" });

  test("FF-84: a service and what it would allow are called by their Korean labels, and their own names are behind Details", async ({
    page,
    signIn,
  }) => {
    await signIn("haneul", { to: "/account/connections" });
    const row = page.locator('li[data-service="notes"]');
    await expect(row.getByRole("heading", { level: 3 })).toHaveText("노트");
    await expect(row.locator('li[data-scope="notes:read"]')).toHaveText("메모 읽기");
    await expect(row.getByText("notes:read", { exact: true })).toBeHidden();
    await row.locator("summary").first().click();
    await expect(row.getByText("notes:read", { exact: true })).toBeVisible();
    await page.goto("/account/inspector");
    await expect(page.locator('li[data-resource="https://store.example/api"] h3')).toHaveText("선반");
    await expect(page).toHaveTitle(new RegExp(`^${korean("account.inspector.title")}`));
  });
});

test("whoever may not see a page is led to another account, and from there back to it", async ({ page, signIn }) => {
  await signIn("minsu", { to: "/account" });
  await page.goto("/admin/users?q=min");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(english("forbidden.heading"));
  const other = page.getByRole("link", { name: english("forbidden.switch") });
  await expect(other).toHaveAttribute("href", "/sign-in?account=other&returnTo=%2Fadmin%2Fusers%3Fq%3Dmin");
});

test("the skip link leads past the page's own menu", async ({ page, signIn }) => {
  await signIn("minsu", { to: "/account/sessions" });
  await waitForScripts(page);
  await page.locator("body").press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test("the account's menu is one line, and shows where somebody is", async ({ page, signIn }) => {
    await signIn("minsu", { to: "/account/inspector" });
    await waitForScripts(page);
    const tops = await page
      .locator("main nav a")
      .evaluateAll((links) => links.map((link) => Math.round(link.getBoundingClientRect().top)));
    expect(new Set(tops).size).toBe(1);
    await expect(page.locator('main nav [aria-current="page"]')).toBeInViewport({ ratio: 1 });
  });
});

test("FF-91: Google's button has Google's own colours, in light and in dark", async ({ page }) => {
  const button = page.locator('form[data-provider="partner"] button').first();
  for (const [colorScheme, background, ink] of [
    ["light", "rgb(255, 255, 255)", "rgb(31, 31, 31)"],
    ["dark", "rgb(19, 19, 20)", "rgb(227, 227, 227)"],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.goto("/sign-in");
    await expect(button).toHaveCSS("background-color", background);
    await expect(button).toHaveCSS("color", ink);
  }
});

test.describe("where the inspector's answer is slow and no script runs", () => {
  test.use({ javaScriptEnabled: false });

  test("FF-89: without script the inspector's page comes whole", async ({ page, app }) => {
    await signInOn(page, "minsu");
    await app.control.addFault("company", { endpoint: "token", times: 3, fault: { kind: "delay", delayMs: 2_000 } });
    await page.goto("/account/inspector");
    await expect(page).toHaveURL(/\?wait=1$/);
    await expect(page.locator('li[data-state="usable"]')).toHaveCount(3);
  });
});

test("developers see ID token, userinfo and access tokens side by side, and no token", async ({
  page,
  app,
  signIn,
}) => {
  const since = (await app.control.issued("company")).at(-1)?.seq ?? 0;
  await signIn("haneul", { to: "/account/inspector/tokens" });
  await expect(page.locator("thead th")).toHaveCount(5);
  await expect(page.locator('tr[data-claim="sub"]')).toHaveAttribute("data-differs", "false");
  await expect(page.locator('tr[data-claim="sub"] td').first()).toHaveText("haneul");
  await expect(page.locator('form[data-form="raw"]')).toHaveCount(0);
  const issued = (await app.control.issued("company")).filter(({ seq }) => seq > since);
  const tokens = issued.flatMap(({ accessToken, refreshToken, idToken }) =>
    [accessToken, refreshToken, idToken].filter((token): token is string => Boolean(token)),
  );
  const content = await page.content();
  expect(tokens.length).toBeGreaterThan(2);
  expect(tokens.filter((token) => content.includes(token))).toEqual([]);
});

for (const { locale, lang } of [
  { locale: "en-US", lang: "en" },
  { locale: "ko-KR", lang: "ko" },
]) {
  test.describe(`seen in ${lang}`, () => {
    test.use({ locale });

    test(`axe objects to neither the menu, nor organizations, nor details, nor tokens, in ${lang}`, async ({
      page,
      signIn,
    }) => {
      await page.goto("/sign-in");
      await page.locator("main summary").first().click();
      await expectAccessible(page, "/sign-in with what is asked for");
      await signIn("haneul");
      await page.locator(`${menu} summary`).click();
      await expectAccessible(page, "/account with its menu open");
      for (const address of [
        "/account",
        "/account/organizations",
        "/account/connections",
        "/account/inspector/tokens",
      ]) {
        await page.goto(address);
        for (const summary of await page.getByRole("main").locator("summary").all()) await summary.click();
        await expectAccessible(page, address);
      }
    });
  });
}

test.describe("where the system's colours replace ours", () => {
  test.use({ forcedColors: "active" });

  test("in forced colours the organization in use, the theme and the open menu can be told", async ({
    page,
    signIn,
  }) => {
    await signIn("haneul", { to: "/account/organizations" });
    await page.locator(`${menu} summary`).click();
    await expect(page.locator(`${menu} [aria-current="page"]`)).toHaveCSS("outline-style", "solid");
    await expect(page.locator('button[name="theme"][aria-pressed="true"]')).toHaveCSS("outline-style", "solid");
    await expectAccessible(page, "/account/organizations in forced colours");
  });
});
