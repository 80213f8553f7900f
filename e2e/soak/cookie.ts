import { createSealer } from "../../edge/sealing";
import type { HttpBrowser } from "../support/http-browser";
import type { StartedApp } from "../support/start-app";

/** The name and value of the session cookie in a browser, whatever else is there. */
export function sessionCookieOf(
  { url }: Pick<StartedApp, "url">,
  browser: HttpBrowser,
): { name: string; value: string } | null {
  const name = browser.cookieNames(url).find((known) => /^daemun\.session(?:\.\d+)?$/.test(known));
  const value = name && browser.cookie(url, name);
  return name && value ? { name, value } : null;
}

/** What the session cookie in a browser says: whose it is, and which session. */
export async function readSessionCookie(
  app: Pick<StartedApp, "url" | "environment">,
  browser: HttpBrowser,
): Promise<{ userId: string; sid: string } | null> {
  const cookie = sessionCookieOf(app, browser);
  if (!cookie) return null;
  const sealer = createSealer([app.environment.AUTH_SECRET ?? ""], "session");
  const payload = await sealer.open(cookie.value, new Date(0));
  return payload && { userId: String(payload.sub), sid: String(payload.sid) };
}
