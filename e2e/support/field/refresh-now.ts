import type { HttpBrowser } from "../http-browser";
import type { TestApp } from "../test-app";

/**
 * Has the token of this browser's session refreshed now, as a page's script would.
 *
 * @param options.base of the instance that is asked
 * @param options.resource the API that the token is for; userinfo by default
 * @returns status, and the error's code
 */
export async function refreshNow(
  app: TestApp,
  browser: HttpBrowser,
  { base = app.url, resource }: { base?: string; resource?: string } = {},
): Promise<[status: number, error?: string]> {
  const headers = { "X-CSRF": "1", "Content-Type": "application/json", Origin: app.url };
  const body = JSON.stringify({ resource });
  const answer = await browser.fetch(`${base}/api/tokens/refresh`, { method: "POST", body, headers });
  const { error } = JSON.parse(answer.body);
  return error === undefined ? [answer.status] : [answer.status, error];
}
