import { expect, test } from "./fixtures/test";

test("a user is told which site comes next before they leave for a provider, and hears it with the button", async ({
  page,
  app,
  signIn,
}) => {
  await page.goto("/sign-in");
  for (const [id, issuer] of Object.entries(app.issuers)) {
    const said = `Takes you to ${new URL(issuer).host}`;
    const buttons = page.locator(`form[data-provider="${id}"] button`);
    expect(await buttons.count()).toBeGreaterThan(1);
    for (const button of await buttons.all()) await expect(button).toHaveAccessibleDescription(said);
    await expect(page.getByText(said, { exact: true })).toBeVisible();
  }
  await signIn("minsu");
  await page.goto("/sign-out");
  const leads = new RegExp(`You go to ${new URL(app.issuers.company).host} for that`);
  for (const scope of ["provider", "everywhere"])
    await expect(page.locator(`form[data-scope="${scope}"] button`)).toHaveAccessibleDescription(leads);
  await expect(page.locator('form[data-scope="device"] button')).not.toHaveAccessibleDescription(leads);
});
