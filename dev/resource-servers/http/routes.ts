import type { AccessToken } from "../tokens/access-token";
import { requireScope } from "../tokens/bearer";
import { type Answer, Rejection } from "./answer";

/** A request whose token has been verified. */
export interface Call {
  method: string;
  /** As it was sent, without the query. */
  path: string;
  /** As it was sent, query and all. */
  target: string;
  query: URLSearchParams;
  /** The last part of the path where the route ends in `/:`; else empty. */
  id: string;
  /** Names and values in turn. */
  rawHeaders: readonly string[];
  token: AccessToken;
  /** The body as it arrives. It can be read once. */
  body: AsyncIterable<Buffer>;
  /** Aborts when the caller is gone. */
  signal: AbortSignal;
}

export interface Route {
  /** Every one when absent. */
  method?: "GET" | "POST" | "DELETE";
  /** `/orders`, `/orders/:` (one part more) or `/echo/*` (it and everything below). */
  path: string;
  /** What the token needs. */
  scope?: string;
  handle(call: Call): Answer | Promise<Answer>;
}

/**
 * Finds and calls the route of a request.
 *
 * @throws Rejection for a path or method that is not there, Refusal when the token lacks the scope
 */
export async function callRoute(routes: readonly Route[], call: Omit<Call, "id">): Promise<Answer> {
  const fitting = routes.flatMap((route) => {
    const id = idIn(route.path, call.path);
    return id === null ? [] : [{ route, id }];
  });
  if (fitting.length === 0) throw new Rejection(404, "not_found", "There is no such path.");
  const found = fitting.find(({ route }) => (route.method ?? call.method) === call.method);
  if (!found) {
    const allow = fitting.map(({ route }) => route.method).join(", ");
    throw new Rejection(405, "method_not_allowed", `This path knows ${allow}.`, { allow });
  }
  if (found.route.scope !== undefined) requireScope(call.token, found.route.scope);
  return found.route.handle({ ...call, id: found.id });
}

/** What stands for `:` in a path, empty where the pattern has none; null when it is another path. */
function idIn(pattern: string, path: string): string | null {
  if (pattern.endsWith("/*")) {
    const base = pattern.slice(0, -2);
    return path === base || path.startsWith(`${base}/`) ? "" : null;
  }
  if (!pattern.endsWith("/:")) return path === pattern ? "" : null;
  const base = pattern.slice(0, -1);
  const id = path.slice(base.length);
  return path.startsWith(base) && /^[^/]+$/.test(id) ? id : null;
}
