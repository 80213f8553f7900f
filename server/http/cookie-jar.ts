import "server-only";
import { env } from "../settings/env";

// RFC 9110 section 5.6.2. Node reads header bytes as Latin-1, and JavaScript's trim() drops U+00A0: a name with that byte
// in front has no __Host- prefix to a browser, and would have one here.
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The cookies of a request. Of a name that comes twice the last counts, as it does for Next: what a sibling host plants
 * under a longer path comes first.
 */
export function readCookies(request: Request): Map<string, string> {
  const jar = new Map<string, string>();
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).replace(/^[ \t]+/, "");
    if (at > 0 && token.test(name)) jar.set(name, pair.slice(at + 1).replace(/(?<![ \t])[ \t]+$/, ""));
  }
  return jar;
}

/**
 * A `Set-Cookie` of ours: `HttpOnly`, `SameSite=Lax`, `Path=/`, no `Domain`, `Secure` over https.
 *
 * @param maxAge seconds; 0 removes the cookie; null keeps it until the browser closes
 */
export function cookieHeader(name: string, value: string, maxAge: number | null): string {
  const life = maxAge === null ? "" : `; Max-Age=${maxAge}`;
  return `${name}=${value}; Path=/${life}; HttpOnly; SameSite=Lax${env().secure ? "; Secure" : ""}`;
}
