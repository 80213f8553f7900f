/** Where people land when they asked for nothing, or for something they may not be sent to. */
export const defaultLanding = "/account";

// Longer than any link a person follows, short enough to be carried in a transaction cookie.
const maximumLength = 2048;

// An origin nobody can own: what still has it after resolution never left the house.
const nowhere = "http://return-path.invalid";

// Landing on these again would loop, or hand a person to an endpoint.
const neverLanding = /^\/(?:sign-in|sign-out|signed-out|auth-error|api)(?:[/?#]|$)/i;

/**
 * The one validator of return paths (`returnTo`, `callbackUrl`): answers a same-origin path with its query and
 * fragment exactly as given, or the default landing. Never another origin, never a door of the house itself.
 */
export function parseReturnPath(input: unknown): string {
  const path = parseLocalPath(input);
  if (path === null) return defaultLanding;
  // Proxies and frameworks decode at different times: both readings have to be fit to land on.
  const readings = [path, decodeURIComponent(path.split(/[?#]/, 1)[0] ?? "")];
  return readings.some((reading) => neverLanding.test(reading.replace(/\/+/g, "/"))) ? defaultLanding : path;
}

/**
 * A path on this origin, query and fragment kept, or null.
 *
 * A path is refused when a browser could read it as another origin (`//host`, `/\host`, control characters that URL
 * parsers drop), when decoding it once more makes it so, or when it climbs (`/a/../..//host`).
 * Source: WHATWG URL, section 4.4; OWASP Unvalidated Redirects and Forwards.
 */
export function parseLocalPath(input: unknown): string | null {
  if (typeof input !== "string" || input.length > maximumLength || !isLocalPath(input)) return null;
  try {
    if (!isLocalPath(decodeURIComponent(input.split(/[?#]/, 1)[0] ?? ""))) return null;
  } catch {
    return null;
  }
  const url = new URL(input, nowhere);
  // Non-ASCII paths come back percent-encoded: headers carry ASCII only.
  return url.origin === nowhere ? url.pathname + url.search + url.hash : null;
}

function isLocalPath(value: string): boolean {
  if (!value.startsWith("/")) return false;
  if (/^\/[/\\]/.test(value)) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: URL parsers drop these, so "/\t/host" becomes "//host".
  if (/[\u0000-\u001f\u007f\\]/.test(value)) return false;
  return !/(^|\/)\.{1,2}(\/|$)/.test(value.split(/[?#]/, 1)[0] ?? "");
}
