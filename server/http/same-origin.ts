import "server-only";
import { env } from "../env";

/**
 * Whether a state-changing request comes from our own pages: an `Origin` must be ours (`null` is nobody's); without
 * one, `Sec-Fetch-Site` must say `same-origin` or `none`. With neither, nothing vouches for it.
 *
 * Source: OWASP CSRF Prevention, "Using Standard Headers to Verify Origin"; W3C Fetch Metadata.
 */
export function isSameOrigin(headers: Pick<Headers, "get">): boolean {
  const origin = headers.get("origin");
  if (origin !== null) return origin === env().authUrl;
  const site = headers.get("sec-fetch-site");
  return site === "same-origin" || site === "none";
}
