import type { ErrorCode } from "./error-codes";

/** Where people land when they asked for nothing, or for something they may not be sent to. */
export const defaultReturnPath = "/account";

// Longer than any link a person follows, short enough to be carried in a transaction cookie.
const maximumLength = 2048;

// An origin nobody can own: what still has it after resolution never left the app.
const nowhere = "http://return-path.invalid";

// Landing on these again would loop, or hand a person to an endpoint.
const neverReturnedTo = /^\/(?:sign-in|sign-out|signed-out|auth-error|api)(?:[/?#]|$)/i;

// Where a browser may be sent after a sign-out: the page to sign in as well, but no endpoint, and not back to be asked again.
const neverSignedOutTo = /^\/(?:sign-out|auth-error|api)(?:[/?#]|$)/i;

/**
 * The one validator of return paths (`returnTo`, `callbackUrl`): answers a same-origin path with its query and
 * fragment exactly as given, or the default return path. Never another origin, never an endpoint of the app itself.
 */
export function parseReturnPath(input: unknown): string {
  return parseUnless(neverReturnedTo, unpack(input)) ?? defaultReturnPath;
}

/** The same for where a sign-out leads to; null where that is none. */
export function parseSignedOutPath(input: unknown): string | null {
  return parseUnless(neverSignedOutTo, input);
}

function parseUnless(never: RegExp, input: unknown): string | null {
  const path = parseLocalPath(input);
  if (path === null) return null;
  // Proxies and frameworks decode at different times: both readings have to be fit to land on.
  const readings = [path, decodeURIComponent(path.split(/[?#]/, 1)[0] ?? "")];
  return readings.some((reading) => never.test(reading.replace(/\/+/g, "/"))) ? null : path;
}

/**
 * The sign-in page, to come back to `asked` afterwards, with why a session that was there does not do any more.
 *
 * @param asked any input: what is no return path leads to the default one
 * @param provider the id of the one to offer first
 */
export function signInAddress(asked: unknown, code: ErrorCode = "not_authenticated", provider?: string): string {
  const returnTo = parseReturnPath(asked);
  const query = new URLSearchParams({ returnTo });
  if (query.toString().length > longestEncoded) query.set("returnTo", pack(returnTo));
  if (code !== "not_authenticated") query.set("error", code);
  if (provider !== undefined) query.set("provider", provider);
  return `/sign-in?${query}`;
}

// A redirect's headers have to fit into what proxies buffer, 4 KB. A path with many escapes grows by two thirds when it is
// escaped once more, and by one third only in base64url.
const longestEncoded = 2500;
const packed = "~";

function pack(path: string): string {
  return packed + btoa(path).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function unpack(input: unknown): unknown {
  if (typeof input !== "string" || !input.startsWith(packed) || input.length > 2 * maximumLength) return input;
  try {
    return atob(input.slice(packed.length).replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
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
