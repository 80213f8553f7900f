import type { ControlClient } from "@/dev/provider/control-client";
import { HttpBrowser, type Page } from "@/e2e/support/http-browser";
import { submitAction } from "@/e2e/support/server-action";
import type { BenchApp } from "./world";

/** So many users, who are known at the provider: their subjects. */
export async function registerUsers(control: ControlClient, prefix: string, count: number): Promise<string[]> {
  const subs = Array.from({ length: count }, (_, at) => `${prefix}-${at + 1}`);
  for (const [at, sub] of subs.entries()) {
    await control.putUser("company", { sub, login: sub, name: `Person ${at + 1}`, email: `${sub}@company.example` });
  }
  return subs;
}

/** A `Cookie` header for each user, signed in by the app's own pages; none where nobody can sign in. */
export async function cookiesOf(app: BenchApp, subs: readonly string[]): Promise<string[]> {
  if (app.name === "bare") return [];
  const cookies: string[] = [];
  for (const sub of subs) {
    const browser = new HttpBrowser();
    await signInAt(app, sub, browser);
    cookies.push(browser.cookieHeader(app.running.url));
  }
  return cookies;
}

/**
 * A whole sign-in by the app's two pages: the one with the button, and the one that greets.
 *
 * @param options.remember ticks "Keep me signed in", which only the product has
 * @throws Error where nobody is greeted
 */
export async function signInAt(
  { name, running: { url } }: BenchApp,
  user: string,
  browser: HttpBrowser,
  { remember = false } = {},
): Promise<Page> {
  const offer = await browser.request(`${url}/sign-in${name === "daemun" ? "?returnTo=%2Fwho" : ""}`);
  const started =
    name === "next-auth"
      ? await submitAction(browser, offer, {})
      : await browser.submit(offer, 'data-provider="company"', remember ? { remember: "1" } : {});
  const choice = await browser.visit(started.location ?? "");
  const chosen = await browser.submit(choice, `data-person="${user}"`);
  const page = await browser.visit(chosen.location ?? "");
  if (page.status !== 200 || !page.body.includes("Signed in as")) {
    throw new Error(`${user} was not signed in at ${name}: ${page.url} ${page.status}.`);
  }
  return page;
}
