/** What kind of request this is, as far as its headers tell. All functions are pure. */
type HeaderReader = Pick<Headers, "get">;

/**
 * Whether a person's browser is loading a document. A fetch is a request whose `Sec-Fetch-Mode` is not `navigate`
 * or, without that header, one whose `Accept` does not name `text/html`. Source: W3C Fetch Metadata, section 2.2.
 */
export function isNavigation(headers: HeaderReader): boolean {
  const mode = headers.get("sec-fetch-mode");
  if (mode) return mode === "navigate";
  return headers.get("accept")?.includes("text/html") ?? false;
}

/** Whether the browser or the router fetches ahead of the person. */
export function isPrefetch(headers: HeaderReader): boolean {
  // By standard, Chromium's and Safari's former names, and Firefox's own.
  const purposes = ["sec-purpose", "purpose", "x-purpose", "x-moz"].map((name) => headers.get(name) ?? "");
  return purposes.some((purpose) => /prefetch|prerender|preview/i.test(purpose)) || isRoutersPrefetch(headers);
}

function isRoutersPrefetch(headers: HeaderReader): boolean {
  return headers.get("next-router-prefetch") !== null || headers.get("next-router-segment-prefetch") !== null;
}

/**
 * Whether the request is a person's doing, and so rolls the idle deadline: a navigation (a client-side one too), a
 * server action, `keep-alive`, or a call through the proxy. Polls, prefetches and background refreshes are not.
 *
 * @param address path and query, as asked for
 */
export function isActivity(address: string, headers: HeaderReader): boolean {
  if (isPrefetch(headers)) return false;
  if (isNavigation(headers) || headers.get("next-action") !== null) return true;
  if (headers.get("rsc") !== null) return !isRefresh(address, headers);
  const [path = ""] = address.split("?", 1);
  return path === "/api/session/keep-alive" || path.startsWith("/api/services/");
}

/** Whether the router fetches the very page that it shows: `router.refresh()`, which scripts call by themselves. */
function isRefresh(address: string, headers: HeaderReader): boolean {
  const referer = headers.get("referer");
  if (!referer || !URL.canParse(referer)) return false;
  const { pathname, search } = new URL(referer);
  return pathname + search === address;
}
