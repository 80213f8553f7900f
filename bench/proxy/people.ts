import type { ControlClient } from "@/dev/provider/control-client";
import { HttpBrowser } from "@/e2e/support/http-browser";
import { signInAs } from "../registry/sign-in";

/** Signs so many people in, each in a browser of their own, and answers with the `Cookie` header of each. */
export async function signInUsers(appUrl: string, control: ControlClient, count: number): Promise<string[]> {
  const cookies: string[] = [];
  for (let n = 1; n <= count; n += 1) {
    const sub = `bench-${n}`;
    await control.putUser("company", { sub, login: sub, name: `Person ${n}`, email: `${sub}@company.example` });
    const browser = new HttpBrowser();
    await signInAs(appUrl, sub, browser);
    cookies.push(browser.cookieHeader(appUrl));
  }
  return cookies;
}
