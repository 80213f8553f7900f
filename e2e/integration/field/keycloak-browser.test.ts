import { type Browser, chromium, type Page } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { chromiumArguments, findChromium } from "../../../dev/run/chromium";
import { clientFor, type KeycloakApp, openKeycloakApp, password } from "../../support/field/keycloak-app";

const { keycloak } = inject("field");

describe.skipIf(!keycloak)("a real browser between the app and a Keycloak (needs java, mvn and Maven Central)", () => {
  let { app, realm }: KeycloakApp = {} as KeycloakApp;
  let chrome: Browser;
  beforeAll(async () => {
    ({ app, realm } = await openKeycloakApp(keycloak ?? "", "browser"));
    chrome = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
  });
  afterAll(async () => {
    await chrome?.close();
    await app?.close();
  });

  const openPage = async () => (await chrome.newContext({ locale: "en-GB" })).newPage();
  const signIn = async (page: Page, username: string) => {
    await page.goto(`${app.url}/account/sessions`);
    await page.locator('form[data-provider="keycloak"] button').first().click();
    await page.locator("#username").fill(username);
    await page.locator("#password").fill(password);
    await page.locator("#kc-login").click();
    await page.waitForURL(`${app.url}/account/sessions`);
  };
  const isIn = (page: Page) => page.evaluate(async () => (await fetch("/api/me")).status === 200);

  it("a user signs in, comes back to the page that was asked for, and signs out at Keycloak too", async () => {
    const page = await openPage();
    await signIn(page, "haneul");
    expect(await isIn(page)).toBe(true);
    await page.goto(`${app.url}/sign-out`);
    await page.locator('form[data-scope="provider"] button').first().click();
    await page.waitForURL(`${app.url}/signed-out**`);
    expect(await isIn(page)).toBe(false);
    expect(await realm.sessionsOf("haneul")).toEqual([]);
    await page.context().close();
  });

  it("whoever opens an account from the sign-in page has one, and is signed in", async () => {
    const page = await openPage();
    await page.goto(`${app.url}/sign-in`);
    await page.locator('form[data-provider="keycloak"] button[value="sign-up"]').click();
    const fields = { username: "seoyeon", password, email: "seoyeon@company.example" };
    for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}`).fill(value);
    await page.locator("#password-confirm").fill(password);
    await page.locator("#firstName").fill("Seoyeon");
    await page.locator("#lastName").fill("Choi");
    await page.locator("#kc-register-form [type=submit]").click();
    await page.waitForURL(`${app.url}/account`);
    expect(await page.getByRole("main").textContent()).toContain("Seoyeon Choi");
    await page.context().close();
  });

  it("a sign-out at another client ends the session here through the frame in Keycloak's page", async () => {
    const { attributes } = clientFor(app.url);
    const url = `${app.url}/api/oidc/keycloak/frontchannel-logout`;
    await realm.changeClient("daemun", {
      frontchannelLogout: true,
      attributes: { ...attributes, "frontchannel.logout.url": url, "frontchannel.logout.session.required": "true" },
    });
    const page = await openPage();
    await signIn(page, "minsu");
    const tab = await page.context().newPage();
    await tab.goto(`${realm.issuer}/protocol/openid-connect/logout?client_id=other`);
    const framed = tab.waitForResponse((response) => response.url().startsWith(url));
    await tab.locator("#kc-logout").click();
    expect((await framed).status()).toBe(200);
    expect(await isIn(page)).toBe(false);
    await page.context().close();
  });
});
