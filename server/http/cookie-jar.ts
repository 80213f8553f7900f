import "server-only";
import { env } from "../env";

/** The cookies of a request. Of a name that comes twice the first counts, as browsers send the most specific first. */
export function readCookies(request: Request): Map<string, string> {
  const jar = new Map<string, string>();
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (at > 0 && !jar.has(name)) jar.set(name, pair.slice(at + 1).trim());
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
