import "server-only";
import { requestedOrigin } from "@/edge/public-address";
import { env } from "../settings/env";

/**
 * The origin that a request was sent to: `AUTH_URL`, or an alias by which this deployment is reached. A header that says so is
 * believed only of those aliases, so that nobody gets another origin by writing one.
 */
export function ownOrigin(headers: Pick<Headers, "get">): string {
  const { authUrl, ownAliases } = env();
  return requestedOrigin(headers, authUrl, ownAliases);
}

/**
 * Whether a state-changing request comes from our own pages: an `Origin` must be ours (`null` is nobody's); without
 * one, `Sec-Fetch-Site` must say `same-origin` or `none`. With neither, nothing vouches for it.
 *
 * Source: OWASP CSRF Prevention, "Using Standard Headers to Verify Origin"; W3C Fetch Metadata.
 */
export function isSameOrigin(headers: Pick<Headers, "get">): boolean {
  const origin = headers.get("origin");
  if (origin !== null) return origin === ownOrigin(headers);
  const site = headers.get("sec-fetch-site");
  return site === "same-origin" || site === "none";
}

/**
 * Whether the browser itself says that a page of this very origin sent the request: by `Origin`, or by `Sec-Fetch-Site` where
 * there is none. It is {@link isSameOrigin} without requests that no page sent (`none`).
 */
export function saysSameOrigin(headers: Pick<Headers, "get">): boolean {
  return isSameOrigin(headers) && (headers.get("origin") !== null || headers.get("sec-fetch-site") === "same-origin");
}

/** A whole address of this origin without the origin; anything else as it is. NextAuth's client sends whole addresses. */
export function localPart(address: string | undefined, headers: Pick<Headers, "get">): string | undefined {
  const origin = ownOrigin(headers);
  if (address === origin) return "/";
  return address?.startsWith(`${origin}/`) ? address.slice(origin.length) : address;
}

/** The page whose form or script this request comes from, as a path with its query; null where the browser names none of ours. */
export function callingPage(headers: Pick<Headers, "get">): string | null {
  const referer = headers.get("referer");
  const url = referer && URL.canParse(referer) ? new URL(referer) : null;
  return url?.origin === ownOrigin(headers) ? url.pathname + url.search : null;
}

/**
 * Whether a state-changing call comes from our own scripts: same origin, and with the header `X-CSRF: 1`, which no form
 * and no cross-origin script can set without asking first.
 *
 * Source: OWASP CSRF Prevention, "Custom Request Headers".
 */
export function isOwnCall(headers: Pick<Headers, "get">): boolean {
  return headers.get("x-csrf") === "1" && isSameOrigin(headers);
}
