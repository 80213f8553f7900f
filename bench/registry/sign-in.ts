import { sessionCookie } from "@/e2e/support/cookies";
import type { HttpBrowser } from "@/e2e/support/http-browser";

/**
 * A whole sign-in at `company` by its pages, up to the page that was asked for.
 *
 * @throws Error where it leads to no session
 */
export async function signInAs(appUrl: string, user: string, browser: HttpBrowser): Promise<void> {
  const started = await browser.submit(await browser.request(`${appUrl}/sign-in`), 'data-provider="company"');
  const choice = await browser.visit(started.location ?? "");
  const chosen = await browser.submit(choice, `data-person="${user}"`);
  await browser.visit(chosen.location ?? "", {}, (url) => !url.startsWith(`${appUrl}/account`));
  if (!browser.cookie(appUrl, sessionCookie(appUrl))) throw new Error(`${user} was not signed in.`);
}
