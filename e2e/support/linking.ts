import { expect } from "vitest";
import { tokenOfForms } from "./connecting";
import type { HttpBrowser, Page } from "./http-browser";
import { meetProvider, type TestApp, whoIs } from "./test-app";

interface Wish {
  provider?: string;
  /** The instance that is asked; the app's own by default. */
  base?: string;
  fields?: Record<string, string>;
  headers?: Record<string, string>;
}

function post(app: TestApp, browser: HttpBrowser, act: "link" | "unlink", wish: Wish, form: Record<string, string>) {
  const { provider = "partner", base = app.url, headers = {} } = wish;
  const url = `${base}/api/account/identities/${provider}/${act}`;
  return browser.request(url, { method: "POST", form, headers: { Origin: app.url, ...headers } });
}

/** Sends the form that begins linking. Answers the redirect to the provider, not yet followed. */
export async function startLinking(app: TestApp, browser: HttpBrowser, wish: Wish = {}): Promise<Page> {
  return post(app, browser, "link", wish, { csrfToken: await tokenOfForms(app, browser), ...wish.fields });
}

/** Links up to, and without, the callback. Answers its address. */
export async function linkCallback(
  app: TestApp,
  browser: HttpBrowser,
  { user = "seoyeon", ...wish }: Wish & { user?: string } = {},
): Promise<string> {
  const back = await meetProvider(app, browser, await startLinking(app, browser, wish), user);
  expect(back.location).toContain(`${app.url}/api/auth/callback/`);
  return back.location ?? "";
}

/** Links all the way. Answers the callback's own answer. */
export async function linkIdentity(
  app: TestApp,
  browser: HttpBrowser,
  options: Parameters<typeof linkCallback>[2] = {},
): Promise<Page> {
  return browser.request(await linkCallback(app, browser, options));
}

export async function unlink(app: TestApp, browser: HttpBrowser, wish: Wish = {}): Promise<Page> {
  return post(app, browser, "unlink", wish, { csrfToken: await tokenOfForms(app, browser), ...wish.fields });
}

/** The identities of whoever is signed in in this browser, as `provider sub`. */
export async function identitiesOf(app: TestApp, browser: HttpBrowser): Promise<string[]> {
  return identitiesOfUser(app, (await whoIs(app, browser))?.user.id);
}

export async function identitiesOfUser(app: TestApp, userId: string | undefined): Promise<string[]> {
  const rows = await app.rows<{ is: string }>(
    `SELECT provider || ' ' || "providerAccountId" AS "is" FROM "Account" WHERE "userId" = $1 ORDER BY 1`,
    [userId],
  );
  return rows.map((row) => row.is);
}

/** Back to users that nobody has signed in as. */
export async function forgetUsers(app: TestApp): Promise<void> {
  await app.control.reset("company");
  await app.control.reset("partner");
  await app.rows(`TRUNCATE "User", "Revocation" CASCADE`);
}
