import { expect, test } from "./fixtures/test";

test.use({ environment: { TEST_INSPECTOR_RAW: "1", RATE_LIMIT_PER_MINUTE: "1000000" } });

const address = "/account/inspector/tokens";

test("where configuration says so, a developer sees their access tokens after a recent sign-in, each written down, and no other token", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("haneul", { to: address });
  await page.locator('form[data-form="raw"] button').click();
  const shown = page.locator("[data-raw] pre");
  await expect(shown).toHaveCount(2);
  const issued = await app.control.issued("company");
  const accessTokens = issued.flatMap(({ accessToken }) => accessToken ?? []);
  for (const text of await shown.allTextContents()) expect(accessTokens).toContain(text);
  const rows = await app.rows<{ detail: { resource: string } }>(
    `SELECT detail FROM "AuditEvent" WHERE event = 'token.exposed' ORDER BY id`,
  );
  expect(rows.map(({ detail }) => detail.resource)).toEqual([
    "https://shopping.example/api",
    "https://store.example/api",
  ]);
  const content = await page.content();
  const others = issued.flatMap(({ refreshToken, idToken }) => [refreshToken, idToken].filter((token) => !!token));
  expect(others.filter((token) => content.includes(String(token)))).toEqual([]);
  await page.reload();
  await expect(shown).toHaveCount(0);
});

test("whoever signed in long ago is asked by the provider before a token is shown", async ({ page, app, signIn }) => {
  await signIn("minsu", { to: address });
  const before = await app.rows(`SELECT id FROM "AuditEvent" WHERE event = 'token.exposed'`);
  await app.rows(`UPDATE "Session" SET "authTime" = now() - interval '1 hour' WHERE subject = 'minsu'`);
  await page.locator('form[data-form="raw"] button').click();
  await app.control.setClock("company", 3600);
  await page.locator("[data-confirm]").click();
  await page.waitForURL((url) => url.href.startsWith(app.issuers.company));
  expect(await app.rows(`SELECT id FROM "AuditEvent" WHERE event = 'token.exposed'`)).toEqual(before);
});
