import type { HttpBrowser, Page } from "./http-browser";
import { routes } from "./routes";

/**
 * Addresses to try what caches may do with: every route of the build, so that a new one is tried as well, and what the
 * routes alone do not show: the routes under `/api/auth`, redirects, errors, static files, and nothing at all.
 */
export function crawlAddresses(): string[] {
  return [
    ...routes().filter((route) => !route.startsWith("/_")),
    "/robots.txt",
    "/account?_rsc=1x2y3",
    "/account/",
    "/account.rsc",
    "/nowhere",
    "/admin",
    "/api/nowhere",
    "/sign-in?returnTo=/account&error=state_mismatch",
    "/signed-out?state=x",
    "/auth-error?code=state_mismatch",
    "/api/me?source=userinfo",
    "/api/me?source=nonsense",
    "/api/auth/session",
    "/api/auth/csrf",
    "/api/auth/providers",
    "/api/auth/signin/company",
    "/api/auth/signout",
    "/api/auth/callback/company",
    "/api/auth/callback/company?code=x&state=y",
    "/api/auth/callback/company?error=access_denied&state=y",
    "/api/auth/callback/nobody?code=x&state=y",
  ];
}

/** The ways in which a browser and Next's router ask for an address. */
export const waysToAsk: Readonly<Record<string, { method?: string; headers?: Record<string, string> }>> = {
  navigation: {},
  head: { method: "HEAD" },
  fetch: { headers: { Accept: "application/json", "Sec-Fetch-Mode": "cors" } },
  rsc: { headers: { RSC: "1", Accept: "*/*", "Sec-Fetch-Mode": "cors" } },
  prefetch: { headers: { RSC: "1", "Next-Router-Prefetch": "1", Accept: "*/*", "Sec-Fetch-Mode": "cors" } },
  "segment prefetch": {
    headers: {
      RSC: "1",
      "Next-Router-Prefetch": "1",
      "Next-Router-Segment-Prefetch": "/_tree",
      Accept: "*/*",
      "Sec-Fetch-Mode": "cors",
    },
  },
  "browser's prefetch": { headers: { "Sec-Purpose": "prefetch" } },
};

/**
 * Asks for an address in one of those ways. Answers every answer on the way: the router's requests without the right
 * `_rsc` are sent on to the address that has it, and the router follows.
 */
export async function ask(
  browser: HttpBrowser,
  address: string,
  options: { method?: string; headers?: Record<string, string> },
): Promise<Page[]> {
  const first = await browser.request(address, options);
  const target = first.location ? new URL(first.location) : null;
  const isSentOn = target?.searchParams.has("_rsc") && target.pathname === new URL(address).pathname;
  return isSentOn ? [first, await browser.request(target?.href ?? "", options)] : [first];
}

/** What a client-side navigation to a page gets: its Flight data. */
export async function fetchFlight(browser: HttpBrowser, address: string): Promise<Page> {
  const answers = await ask(browser, address, waysToAsk.rsc ?? {});
  return answers.at(-1) as Page;
}
