import type { ControlClient } from "@/dev/provider/control-client";
import { HttpBrowser, type Page } from "@/e2e/support/http-browser";
import { submitAction } from "@/e2e/support/server-action";
import { signInAs } from "../registry/sign-in";
import type { BenchApp } from "./world";

/** So many users, who are known at the provider: their subjects. */
export async function registerUsers(control: ControlClient, prefix: string, count: number): Promise<string[]> {
  const subs = Array.from({ length: count }, (_, at) => `${prefix}-${at + 1}`);
  for (const [at, sub] of subs.entries()) {
    await control.putUser("company", { sub, login: sub, name: `Person ${at + 1}`, email: `${sub}@company.example` });
  }
  return subs;
}

/** A `Cookie` header for each user, signed in by the app's own pages. */
export async function cookiesOf({ name, running: { url } }: BenchApp, subs: readonly string[]): Promise<string[]> {
  const cookies: string[] = [];
  for (const sub of subs) {
    const browser = new HttpBrowser();
    if (name === "daemun") await signInAs(url, sub, browser);
    else if (name !== "bare") await signInAtBaseline(name, url, sub, browser);
    cookies.push(browser.cookieHeader(url));
  }
  return cookies;
}

/**
 * A whole sign-in at a baseline, by its two pages: the one with the button, and the one that greets.
 *
 * @throws Error where nobody is greeted
 */
export async function signInAtBaseline(
  name: "thin" | "next-auth",
  appUrl: string,
  user: string,
  browser: HttpBrowser,
): Promise<Page> {
  const offer = await browser.request(`${appUrl}/sign-in`);
  const started =
    name === "next-auth"
      ? await submitAction(browser, offer, {})
      : await browser.submit(offer, 'data-provider="company"');
  const choice = await browser.visit(started.location ?? "");
  const chosen = await browser.submit(choice, `data-person="${user}"`);
  const page = await browser.visit(chosen.location ?? "");
  if (!page.body.includes("Signed in as")) throw new Error(`${user} was not signed in: ${page.url} ${page.status}.`);
  return page;
}
