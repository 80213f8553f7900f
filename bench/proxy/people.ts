import type { ControlClient } from "@/dev/provider/control-client";
import { sessionCookie } from "@/e2e/support/cookies";
import { HttpBrowser } from "@/e2e/support/http-browser";

/** Signs so many people in, each in a browser of their own, and answers with the `Cookie` header of each. */
export async function signInUsers(appUrl: string, control: ControlClient, count: number): Promise<string[]> {
  const cookies: string[] = [];
  for (let n = 1; n <= count; n += 1) {
    const sub = `bench-${n}`;
    await control.putUser("company", { sub, login: sub, name: `Person ${n}`, email: `${sub}@company.example` });
    cookies.push(await signIn(appUrl, sub));
  }
  return cookies;
}

async function signIn(appUrl: string, user: string): Promise<string> {
  const browser = new HttpBrowser();
  const started = await browser.submit(await browser.request(`${appUrl}/sign-in`), 'data-provider="company"');
  const choice = await browser.visit(started.location ?? "");
  const chosen = await browser.submit(choice, `data-person="${user}"`);
  await browser.visit(chosen.location ?? "", {}, (url) => !url.startsWith(`${appUrl}/account`));
  if (!browser.cookie(appUrl, sessionCookie(appUrl))) throw new Error(`${user} was not signed in.`);
  return browser.cookieHeader(appUrl);
}
