import "server-only";
import type { ServiceRoute } from "@/edge/config";

// RFC 3986 section 3.3, without what some servers read as another separator.
const segments = /^(?:\/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+\/?$|^\/$/;
const query = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?[\]-]|%[0-9A-Fa-f]{2})*$/;
// A dot, a slash or a backslash behind a percent sign, once or several times encoded, and what ends a string in C.
const hidden = /%(?:25)*(?:2e|2f|5c|00)/i;

/**
 * A path and query for a service as they were asked for, or null for what two readers could read differently: empty and
 * dot segments, encoded dots, slashes and backslashes, bytes that no URL has. Nothing is normalised, so that what was
 * checked is what is sent.
 *
 * Source: RFC 3986, sections 3.3, 3.4 and 6.2.2.
 * @param target begins with a slash
 */
export function parseServicePath(target: string): { path: string; search: string } | null {
  if (target.length > 8192) return null;
  const at = target.indexOf("?");
  const path = at === -1 ? target : target.slice(0, at);
  const search = at === -1 ? "" : target.slice(at);
  if (!segments.test(path) || hidden.test(path) || !query.test(search.slice(1))) return null;
  if (path.split("/").some((segment) => segment === "." || segment === "..")) return null;
  return { path, search };
}

/** The first route that lists `path`, and whether it lists the method. To the letter: `/%6frders` is not `/orders`. */
export function findRoute(
  routes: readonly ServiceRoute[],
  path: string,
  method: string,
): { route: ServiceRoute | null; allowed: string[] } {
  const fitting = routes.filter(({ path: pattern }) => fits(pattern, path));
  const asked = method === "HEAD" ? "GET" : method;
  return {
    route: fitting.find(({ methods }) => methods.includes(asked)) ?? null,
    allowed: [...new Set(fitting.flatMap(({ methods }) => methods))],
  };
}

function fits(pattern: string, path: string): boolean {
  if (!pattern.endsWith("/*")) return pattern === path;
  const folder = pattern.slice(0, -2);
  return path === folder || path.startsWith(`${folder}/`);
}
