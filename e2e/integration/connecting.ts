import { expect } from "vitest";
import { type House, meetProvider } from "./house";
import type { HttpBrowser, Page } from "./http-browser";

interface Wish {
  service?: string;
  /** Whether the optional scopes are asked for too. */
  more?: boolean;
  returnTo?: string;
  fields?: Record<string, string>;
  headers?: Record<string, string>;
}

/** The form token of whoever is signed in in this browser. */
export async function tokenOfForms(house: House, browser: HttpBrowser): Promise<string> {
  const page = await browser.request(`${house.url}/sign-out`);
  return /name="csrfToken" value="([^"]*)"/.exec(page.body)?.[1] ?? "";
}

/** Sends the form that begins connecting. Answers the redirect to the service, not yet followed. */
export async function startConnecting(house: House, browser: HttpBrowser, wish: Wish = {}): Promise<Page> {
  const { service = "notes", more, returnTo, fields = {}, headers = {} } = wish;
  const form = {
    csrfToken: await tokenOfForms(house, browser),
    ...(returnTo !== undefined && { returnTo }),
    ...(more && { scopes: "more" }),
    ...fields,
  };
  return browser.request(`${house.url}/api/connect/${service}`, { method: "POST", form, headers });
}

/** Connects up to, and without, the callback. Answers its address. */
export async function callbackFor(
  house: House,
  browser: HttpBrowser,
  { person = "n-minsu", ...wish }: Wish & { person?: string } = {},
): Promise<string> {
  const back = await meetProvider(house, browser, await startConnecting(house, browser, wish), person);
  expect(back.location).toContain(`${house.url}/api/connect/`);
  return back.location ?? "";
}

/** Connects all the way. Answers the callback's own answer. */
export async function connectNotes(
  house: House,
  browser: HttpBrowser,
  options: Parameters<typeof callbackFor>[2] = {},
): Promise<Page> {
  const answered = await browser.request(await callbackFor(house, browser, options));
  expect([answered.status, codeOf(answered)], answered.body.slice(0, 300)).toEqual([303, null]);
  return answered;
}

/** Calls the service as a page of ours would. */
export function callNotes(
  house: House,
  browser: HttpBrowser,
  { base = house.url, text }: { base?: string; text?: string } = {},
): Promise<Page> {
  const headers = { "X-CSRF": "1", Origin: house.url, "Sec-Fetch-Site": "same-origin" };
  const url = `${base}/api/services/notes/notes`;
  if (text === undefined) return browser.fetch(url, { headers });
  const body = JSON.stringify({ text });
  return browser.fetch(url, { method: "POST", body, headers: { ...headers, "Content-Type": "application/json" } });
}

export async function disconnect(house: House, browser: HttpBrowser, service = "notes"): Promise<Page> {
  const form = { csrfToken: await tokenOfForms(house, browser) };
  return browser.request(`${house.url}/api/connect/${service}/disconnect`, { method: "POST", form });
}

/** The house's own word for what went wrong, where the page to go to names one. */
export function codeOf({ location }: Page): string | null {
  const target = new URL(location ?? "http://nowhere.invalid");
  return target.searchParams.get("code") ?? target.searchParams.get("error");
}

/** The living connections with the service, of everybody. */
export function connections(house: House) {
  return house.rows<{ userId: string; scope: string; subject: string | null }>(
    `SELECT "userId", scope, subject FROM "Grant" WHERE service IS NOT NULL AND "endedAt" IS NULL`,
  );
}

/** How often the service's token endpoint was asked for `grantType`. */
export async function exchanges(house: House, grantType = "authorization_code"): Promise<number> {
  const asked = await house.control.journal("notes", { endpoint: "token" });
  return asked.filter(({ form }) => form.grant_type === grantType).length;
}

/** The tokens that the service was told to forget. */
export async function revoked(house: House): Promise<unknown[]> {
  return (await house.control.journal("notes", { endpoint: "revocation" })).map(({ form }) => form.token);
}

/** The refresh tokens that the service gave out, oldest first. */
export async function refreshTokens(house: House): Promise<(string | null)[]> {
  return (await house.control.issued("notes")).map(({ refreshToken }) => refreshToken);
}

/** Back to a service that nobody has connected. */
export async function forgetConnections(house: House): Promise<void> {
  await house.control.reset("notes");
  await house.services.notes.control.reset();
  await house.rows(`DELETE FROM "Grant" WHERE service IS NOT NULL`);
}
