import { expect } from "vitest";
import type { HttpBrowser, Page } from "./http-browser";
import { meetProvider, type TestApp } from "./test-app";

interface Wish {
  service?: string;
  /** Whether the optional scopes are asked for too. */
  more?: boolean;
  returnTo?: string;
  fields?: Record<string, string>;
  headers?: Record<string, string>;
}

/** The form token of whoever is signed in in this browser. */
export async function tokenOfForms(app: TestApp, browser: HttpBrowser): Promise<string> {
  const page = await browser.request(`${app.url}/sign-out`);
  return /name="csrfToken" value="([^"]*)"/.exec(page.body)?.[1] ?? "";
}

/** Sends the form that begins connecting. Answers the redirect to the service, not yet followed. */
export async function startConnecting(app: TestApp, browser: HttpBrowser, wish: Wish = {}): Promise<Page> {
  const { service = "notes", more, returnTo, fields = {}, headers = {} } = wish;
  const form = {
    csrfToken: await tokenOfForms(app, browser),
    ...(returnTo !== undefined && { returnTo }),
    ...(more && { scopes: "more" }),
    ...fields,
  };
  return browser.request(`${app.url}/api/connect/${service}`, { method: "POST", form, headers });
}

/** Connects up to, and without, the callback. Answers its address. */
export async function callbackFor(
  app: TestApp,
  browser: HttpBrowser,
  { user = "n-minsu", ...wish }: Wish & { user?: string } = {},
): Promise<string> {
  const back = await meetProvider(app, browser, await startConnecting(app, browser, wish), user);
  expect(back.location).toContain(`${app.url}/api/connect/`);
  return back.location ?? "";
}

/** Connects all the way. Answers the callback's own answer. */
export async function connectNotes(
  app: TestApp,
  browser: HttpBrowser,
  options: Parameters<typeof callbackFor>[2] = {},
): Promise<Page> {
  const answered = await browser.request(await callbackFor(app, browser, options));
  expect([answered.status, codeOf(answered)], answered.body.slice(0, 300)).toEqual([303, null]);
  return answered;
}

/** Calls the service as a page of ours would. */
export function callNotes(
  app: TestApp,
  browser: HttpBrowser,
  { base = app.url, text }: { base?: string; text?: string } = {},
): Promise<Page> {
  const headers = { "X-CSRF": "1", Origin: app.url, "Sec-Fetch-Site": "same-origin" };
  const url = `${base}/api/services/notes/notes`;
  if (text === undefined) return browser.fetch(url, { headers });
  const body = JSON.stringify({ text });
  return browser.fetch(url, { method: "POST", body, headers: { ...headers, "Content-Type": "application/json" } });
}

export async function disconnect(app: TestApp, browser: HttpBrowser, service = "notes"): Promise<Page> {
  const form = { csrfToken: await tokenOfForms(app, browser) };
  return browser.request(`${app.url}/api/connect/${service}/disconnect`, { method: "POST", form });
}

/** The app's own word for what went wrong, where the page to go to names one. */
export function codeOf({ location }: Page): string | null {
  const target = new URL(location ?? "http://nowhere.invalid");
  return target.searchParams.get("code") ?? target.searchParams.get("error");
}

/** The living connections with the service, of everybody. */
export function connections(app: TestApp) {
  return app.rows<{ userId: string; scope: string; subject: string | null }>(
    `SELECT "userId", scope, subject FROM "Grant" WHERE service IS NOT NULL AND "endedAt" IS NULL`,
  );
}

/** How often the service's token endpoint was asked for `grantType`. */
export async function exchanges(app: TestApp, grantType = "authorization_code"): Promise<number> {
  const asked = await app.control.journal("notes", { endpoint: "token" });
  return asked.filter(({ form }) => form.grant_type === grantType).length;
}

/** The tokens that the service was told to forget. */
export async function revoked(app: TestApp): Promise<unknown[]> {
  return (await app.control.journal("notes", { endpoint: "revocation" })).map(({ form }) => form.token);
}

/** The refresh tokens that the service gave out, oldest first. */
export async function refreshTokens(app: TestApp): Promise<(string | null)[]> {
  return (await app.control.issued("notes")).map(({ refreshToken }) => refreshToken);
}

/** Back to a service that nobody has connected. */
export async function forgetConnections(app: TestApp): Promise<void> {
  await app.control.reset("notes");
  await app.services.notes.control.reset();
  await app.rows(`DELETE FROM "Grant" WHERE service IS NOT NULL`);
  await app.rows(`DELETE FROM "Revocation"`);
}
