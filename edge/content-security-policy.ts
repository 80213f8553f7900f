import type { ContentSecurityPolicy } from "./config";

/**
 * The Content-Security-Policy of pages. `form-action` is left out on purpose: browsers hold it against redirects too,
 * and the sign-in form leaves for whatever endpoint the provider's metadata names. Source: CSP Level 3.
 *
 * @param nonce unguessable, new for each response
 * @param secure whether the app is served over https
 * @param added what configuration adds
 */
export function documentPolicy(
  nonce: string,
  secure: boolean,
  { reportTo, ...added }: ContentSecurityPolicy = {},
): string {
  // React's development build evaluates code to show the server's stack, and Next's overlay brings styles of its own. It is
  // the only difference to the policy of production.
  const development = process.env.NODE_ENV === "development";
  const directives: Record<string, string[]> = {
    "default-src": ["'self'"],
    "script-src": ["'self'", `'nonce-${nonce}'`, "'strict-dynamic'", ...(development ? ["'unsafe-eval'"] : [])],
    "style-src": ["'self'", ...(development ? ["'unsafe-inline'"] : [`'nonce-${nonce}'`])],
    // `style={{…}}`, and next/image's own. An attribute styles its element, and selects no other.
    "style-src-attr": ["'unsafe-inline'"],
    // On loopback the development provider serves people's pictures, by http as everything there.
    "img-src": ["'self'", "https:", "data:", ...(secure ? [] : ["http://localhost:*"])],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    ...(secure && { "upgrade-insecure-requests": [] }),
    // Firefox and Safari know the older of the two alone.
    ...(reportTo !== undefined && { "report-to": ["csp"], "report-uri": [reportTo] }),
  };
  for (const [name, sources] of Object.entries(added)) {
    directives[name] = [...(directives[name] ?? ["'self'"]), ...sources];
  }
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(" "))
    .join("; ");
}

/** For build output, which pages load: as the policy of a worker it must not forbid what the page's own allows. */
export const outputPolicy = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/** For answers that no browser should render. */
export const apiPolicy = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
