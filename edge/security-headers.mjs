/**
 * What every answer carries besides its Content-Security-Policy: next.config.mjs says so to Next, and the server adds it to
 * what Next answers without asking its configuration.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const securityHeaders = {
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Opener-Policy": "same-origin",
  // Browsers ignore it over http (RFC 6797, section 8.1), so it does no harm on loopback.
  "Strict-Transport-Security": "max-age=63072000",
};
