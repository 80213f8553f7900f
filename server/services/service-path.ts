import "server-only";
import type { ServiceRoute } from "@/edge/config";
import { fitsPath } from "@/edge/gate";
import { foldPattern, readingsOf } from "./path-readings";

// RFC 3986 section 3.3, without what some servers read as another separator.
const segments = /^(?:\/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+\/?$|^\/$/;
const query = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?[\]-]|%[0-9A-Fa-f]{2})*$/;
// Dots, separators and what begins something else, encoded: # . / ; ? \
const hidden = /%(?:23|2e|2f|3b|3f|5c)/i;
// What is encoded still, in the two ways that there are, once the path was decoded.
const encodedTwice = /%(?:[0-9a-f]{2}|u)/i;
// No name has them; the last three are wildcards to PHP on Windows.
const controls = /[\p{Cc}\p{Zl}\p{Zp}"<>]/u;
// The last five are a slash or a backslash in code pages of Windows: fraction and division slash, set minus, yen and won.
const lookalikes = /["#%./;<>?\\\u2044\u2215\u2216\u00a5\u20a9]/;
// What is nothing beside dots: blanks, as plus signs too, and what is not seen.
const padding = /[\s+\p{Cf}]/gu;

/**
 * A path and query for a service as they were asked for, or null for what two servers could resolve differently: empty
 * segments and those of dots, however padded; dots, separators and percent signs that are encoded; control characters, what
 * is no UTF-8, and look-alikes of all these. Nothing is normalised, so that what was checked is what is sent.
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
  return path.split("/").filter(Boolean).every(isName) ? { path, search } : null;
}

/** Whether a segment is the name of something below the one before it, and of nothing else. */
function isName(segment: string): boolean {
  const text = decode(segment);
  if (text === null || controls.test(text) || encodedTwice.test(text)) return false;
  const foreign = text.replace(/[ -~]/g, "");
  if (lookalikes.test(foreign) || lookalikes.test(foreign.normalize("NFKC"))) return false;
  const [name = ""] = text.split(";", 1);
  const [file = ""] = name.split(":", 1);
  return name.trim() !== "" && !/^\.+$/.test(file.replace(padding, ""));
}

/** Null for what is no UTF-8: overlong forms, halves of a pair, other encodings (RFC 3629, section 3). */
function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** What the configuration says of a call. */
export interface RouteMatch {
  route: ServiceRoute | null;
  /** Without a route: the methods that the path is listed with. */
  allowed: string[];
  /** Without a route: some server could take the path for another one's, or it has parameters that its route does not take. */
  isAmbiguous?: true;
}

const ambiguous: RouteMatch = { route: null, allowed: [], isAmbiguous: true };

/**
 * The first route that lists path and method, to the letter: `/%6frders` is not `/orders`. It has to be open to the same
 * people whatever a server makes of the path: `/orders/%61dmin` fits `/orders/*`, and is `/orders/admin` to all of them.
 *
 * @param path as `parseServicePath` gives it
 */
export function findRoute(routes: readonly ServiceRoute[], path: string, method: string): RouteMatch {
  const asked = method === "HEAD" ? "GET" : method;
  const lists = ({ methods }: ServiceRoute) => methods.some((method) => method === asked);
  const fitting = routes.filter((route) => fitsPath(route.path, path));
  const route = fitting.find(lists) ?? null;
  if (path.includes(";") && !route?.pathParameters) return ambiguous;
  const allowed = [...new Set(fitting.flatMap(({ methods }) => methods))];
  if (!route) return { route, allowed };
  const listed = routes.filter(lists).map((route) => ({ route, pattern: foldPattern(route.path) }));
  const isSame = readingsOf(path).every((reading) => {
    const first = listed.find(({ pattern }) => fitsPath(pattern, reading));
    // Two spellings of one pattern are one route to a server that does not tell them apart.
    const alike = listed.filter(({ pattern }) => pattern === first?.pattern);
    const isKept = (other: ServiceRoute) =>
      other === route || (rolesOf(other) === rolesOf(route) && !path.includes(";"));
    return alike.length > 0 && alike.every(({ route: other }) => isKept(other));
  });
  return isSame ? { route, allowed } : ambiguous;
}

function rolesOf({ roles }: ServiceRoute): string {
  return roles ? JSON.stringify([...roles].sort()) : "";
}
