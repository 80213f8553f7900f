/**
 * The Content-Security-Policy of pages. `form-action` is left out on purpose: browsers hold it against redirects too,
 * and the sign-in form leaves for whatever endpoint the provider's metadata names. Source: CSP Level 3.
 *
 * @param nonce unguessable, new for each response
 * @param secure whether the app is served over https
 */
export function documentPolicy(nonce: string, secure: boolean): string {
  // The development server evaluates its modules; no build for people does.
  const development = process.env.NODE_ENV === "development" ? " 'unsafe-eval'" : "";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development}`,
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    // On loopback the development provider serves people's pictures, by http as everything there.
    `img-src 'self' https: data:${secure ? "" : " http://localhost:*"}`,
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...(secure ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}

/** For build output, which pages load: as the policy of a worker it must not forbid what the page's own allows. */
export const outputPolicy = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/** For answers that no browser should render. */
export const apiPolicy = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
