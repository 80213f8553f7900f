import type { Locator, Page } from "@playwright/test";
import { chooseProvider } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import type { TestApp } from "./fixtures/test-app";
import { english } from "./fixtures/texts";

const address = "/account/inspector";
const shopping = "https://shopping.example/api";
const store = "https://store.example/api";

// The partner's provider is one that gives a single token, for userinfo.
test.use({ environment: { AUTH_PARTNER_TYPE: "google" } });

test.afterEach(async ({ app }) => {
  await app.control.setTokenLifetime("company", 3600);
});

const cards = (page: Page, state?: string): Locator =>
  page.locator(`li:is([data-resource], [data-organization])${state ? `[data-state="${state}"]` : ""}`);
const resource = (page: Page, indicator: string): Locator => page.locator(`li[data-resource="${indicator}"]`);
const organization = (page: Page, id: string): Locator => page.locator(`li[data-organization="${id}"]`);
const claim = (card: Locator, name: string): Locator => card.locator(`tr[data-claim="${name}"] td`);
const granted = (card: Locator): Locator =>
  card.locator("dt", { hasText: "Permissions" }).locator("xpath=following-sibling::dd[1]").locator("li");

/** When each of the cards' tokens was issued and ends, in seconds since 1970, in the order of the page. */
async function times(page: Page): Promise<{ iat: number; exp: number }[]> {
  const read = async (card: Locator, name: string) => Number(await claim(card, name).locator("code").textContent());
  return Promise.all(
    (await cards(page).all()).map(async (card) => ({ iat: await read(card, "iat"), exp: await read(card, "exp") })),
  );
}

/** Loads the page again until its four cards are in that state. */
async function reloadUntil(page: Page, state: string): Promise<void> {
  const count = async () => {
    await page.reload();
    return cards(page, state).count();
  };
  await expect.poll(count, { intervals: [250] }).toBe(4);
}

/** Every token that the company's provider has issued since, and the signature of each that has one. */
async function issuedSince(app: TestApp, since: number): Promise<string[]> {
  const issued = (await app.control.issued("company")).filter(({ seq }) => seq > since);
  const tokens = issued.flatMap(({ accessToken, refreshToken, idToken }) => [accessToken, refreshToken, idToken]);
  return tokens.flatMap((token) => (token ? [token, token.split(".")[2] ?? token] : []));
}

test("whoever belongs to two organizations sees what the app may do there and at two resources, also after the tokens ran out", async ({
  page,
  app,
  signIn,
}) => {
  await app.control.setTokenLifetime("company", 2);
  await signIn("haneul");
  await page.getByRole("link", { name: "Permissions" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(english("account.inspector.title"));
  await expect(page.getByRole("heading", { level: 2 })).toHaveText([
    "2 services",
    "2 organizations",
    "What Company shares",
  ]);
  const expectEverything = async () => {
    await expect(cards(page, "usable")).toHaveCount(4);
    await expect(granted(resource(page, shopping))).toHaveText(["shopping:read", "shopping:write"]);
    await expect(granted(resource(page, store))).toHaveText(["store:read", "store:write"]);
    await expect(granted(organization(page, "org_hanok"))).toContainText(["members:read", "members:write"]);
    await expect(granted(organization(page, "org_maru"))).toHaveText(["members:read", "invoices:read"]);
    await expect(organization(page, "org_hanok").getByText("admin", { exact: true })).toBeVisible();
    await expect(claim(resource(page, shopping), "aud")).toHaveText(shopping);
    await expect(claim(resource(page, store), "aud")).toHaveText(store);
    for (const id of ["org_hanok", "org_maru"]) {
      await expect(claim(organization(page, id), "aud")).toHaveText(`urn:logto:organization:${id}`);
    }
    for (const card of await cards(page).all()) await expect(claim(card, "sub")).toHaveText("haneul");
  };
  await expectEverything();
  await resource(page, store).locator("summary").click();
  await expect(claim(resource(page, store), "sub")).toBeVisible();
  await expect(claim(resource(page, shopping), "sub")).toBeHidden();

  const before = await times(page);
  const renewed = async () => {
    await page.reload();
    const after = await times(page);
    return before.map(({ iat, exp }, index) => (after[index]?.iat ?? 0) > iat && (after[index]?.exp ?? 0) > exp);
  };
  await expect.poll(renewed, { intervals: [250] }).toEqual([true, true, true, true]);
  await expectEverything();
});

test("with the provider down, tokens that ran out are said to wait for it, nobody is signed out, and it works when it is back", async ({
  page,
  app,
  signIn,
}) => {
  await app.control.setTokenLifetime("company", 2);
  await signIn("haneul", { to: address });
  await expect(cards(page, "usable")).toHaveCount(4);
  await app.control.addFault("company", {
    endpoint: "token",
    times: null,
    fault: { kind: "respond", status: 503 },
  });
  await reloadUntil(page, "unavailable");
  // What all fail for is said once.
  await expect(page.getByText(english("errors.provider_unavailable.title"))).toHaveCount(1);
  await expect(page.getByRole("main").getByRole("status")).toContainText(english("errors.provider_unavailable.body"));
  await page.goto("/account");
  await expect(page.getByRole("main")).toContainText("김하늘");

  await page.goto(address);
  await app.control.clearFaults("company");
  await app.control.setTokenLifetime("company", 3600);
  const tryAgain = async () => {
    const link = page.getByRole("main").getByRole("link", { name: english("account.inspector.loadAgain") });
    if (await link.first().isVisible()) {
      const loaded = page.waitForEvent("load");
      await link.first().click();
      await loaded;
    }
    return cards(page, "usable").count();
  };
  await expect.poll(tryAgain, { intervals: [250] }).toBe(4);
});

test("after the provider has taken its grant back the page asks to sign in again, and works after that", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("haneul", { to: address });
  await expect(cards(page, "usable")).toHaveCount(4);
  await app.control.revokeGrants("company", { sub: "haneul" });
  // All at once: the first that is refused ends the session, and only the page that asked says so of its cards.
  await app.rows(`UPDATE "AccessToken" SET "expiresAt" = now() - interval '1 second'`);
  await page.reload();
  await expect(cards(page, "reauthenticate")).toHaveCount(4);
  await expect(page.getByText(english("errors.reauthentication_required.title"))).toHaveCount(1);
  await expect(page.getByRole("heading", { level: 2 })).toHaveText(["2 services", "2 organizations"]);

  await page.getByRole("main").getByRole("link", { name: "Sign in again" }).click();
  await expect(page.getByRole("main").getByRole("alert")).toContainText(
    english("errors.reauthentication_required.title"),
  );
  await chooseProvider(page);
  await page.waitForURL((url) => url.pathname === address);
  await expect(cards(page, "usable")).toHaveCount(4);
});

test("a member sees only what a member may", async ({ page, signIn }) => {
  await signIn("minsu", { to: address });
  await expect(cards(page, "usable")).toHaveCount(3);
  await expect(granted(resource(page, shopping))).toHaveText(["shopping:read"]);
  await expect(granted(resource(page, store))).toHaveText(["store:read"]);
  await expect(page.locator("li[data-organization]")).toHaveCount(1);
  await expect(granted(organization(page, "org_hanok"))).toHaveText(["members:read", "invoices:read"]);
  await expect(claim(organization(page, "org_hanok"), "scope")).not.toContainText("write");
});

test("a permission that the provider refuses is said to be refused, beside those that it gives", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("minsu");
  await app.control.addFault("company", {
    endpoint: "token",
    grantType: "refresh_token",
    times: 1,
    fault: { kind: "respond", status: 400, json: { error: "access_denied" } },
  });
  await page.goto(address);
  await expect(cards(page, "usable")).toHaveCount(2);
  await expect(cards(page, "refused")).toHaveCount(1);
  await expect(cards(page, "refused")).toContainText(english("account.inspector.failures.forbidden.title"));
  await expect(page.getByRole("main").getByRole("status")).toHaveCount(0);
});

test("where a provider gives nothing but the sign-in, the page says so, and shows what was granted there", async ({
  page,
  signIn,
}) => {
  await signIn("seoyeon", { provider: "partner", to: address });
  await expect(page.getByText("Nothing beyond signing in")).toBeVisible();
  await expect(cards(page)).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 2 })).toHaveText(["What Partner shares"]);
  await expect(page.locator('li[data-scope="email"]')).toHaveText(english("scopes.email"));
});

test("no token that the provider issued is in the page, nor in what the page is loaded from", async ({
  page,
  app,
  signIn,
}) => {
  const since = (await app.control.issued("company")).at(-1)?.seq ?? 0;
  await signIn("haneul");
  const answer = await page.goto(address);
  const document = (await answer?.text()) ?? "";
  await expect(cards(page, "usable")).toHaveCount(4);
  const payload = await page.evaluate(async (path) => (await fetch(path, { headers: { RSC: "1" } })).text(), address);
  const tokens = await issuedSince(app, since);
  // Four of the page, and the sign-in's.
  expect(tokens.length).toBeGreaterThanOrEqual(10);
  for (const text of [document, payload, await page.content()]) {
    expect(text).toContain("shopping:write");
    expect(tokens.filter((token) => text.includes(token))).toEqual([]);
  }
});
