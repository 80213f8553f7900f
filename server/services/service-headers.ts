import "server-only";
import { challengeSchemes } from "./challenges";

// What means the same to a service whoever asks. Anything else from a browser stays here, in whatever case or spelling:
// a list of what may pass needs to know no disguise. What configuration may add is checked at start.
const requestNames = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "content-encoding",
  "content-language",
  "content-type",
  "idempotency-key",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-event-id",
  "prefer",
  "range",
]);

const responseNames = new Set([
  "accept-ranges",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
  "preference-applied",
  "retry-after",
  "www-authenticate",
]);

/**
 * The headers of a browser's request that go on to a service. What `Connection` lists is for this hop alone.
 *
 * Source: RFC 9110, section 7.6.1.
 */
export function requestHeadersFor(asked: Headers, more: readonly string[] = []): Headers {
  const ofThisHop = new Set((asked.get("connection") ?? "").split(",").map((name) => name.trim().toLowerCase()));
  return pick(asked, (name) => (requestNames.has(name) || more.includes(name)) && !ofThisHop.has(name));
}

/** The headers of a service's answer that reach a browser. No cookie, no token, nothing about connections or origins. */
export function responseHeadersFrom(answered: Headers, more: readonly string[] = []): Headers {
  const headers = pick(answered, (name) => responseNames.has(name) || more.includes(name));
  // A browser would ask the person for a password, in the name of the app.
  const schemes = challengeSchemes(headers.get("www-authenticate") ?? "");
  if (!schemes?.every((scheme) => scheme === "bearer")) headers.delete("www-authenticate");
  return headers;
}

function pick(headers: Headers, isWanted: (name: string) => boolean): Headers {
  return new Headers([...headers].filter(([name]) => isWanted(name)));
}
