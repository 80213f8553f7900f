import "server-only";
import daemun from "@/daemun.config";
import { cookieSite, transactionKind } from "@/edge/cookie-names";
import { createGate } from "@/edge/gate";
import { cookieLife } from "@/edge/session-cookie";
import { cookieHeader } from "../../http/cookie-jar";
import { env } from "../../settings/env";
import { sessionClaimsIn, sessionCookies } from "../cookies/session-cookies";
import type { ActiveSession } from "../registry/active-session";
import { rolesForGates } from "../registry/policy";

/**
 * What the gate would say now to a request that it has turned away for the roles in its cookie, which may have come since that
 * was sealed: the `Set-Cookie` of a cookie with the roles of the session's row, if that one lets the request pass, else null.
 * The row is all that is believed, and each page asks it again. The cookie's times stay as they are.
 *
 * @param jar the browser's cookies
 * @param asked path and query; null comes of what a browser would take for another site's address
 */
export async function cookieToPass(
  { roles }: ActiveSession,
  jar: ReadonlyMap<string, string>,
  asked: string,
): Promise<string | null> {
  // This answer could come after that of a sign-in which is under way, and put the former session's cookie back.
  const site = cookieSite(env().authUrl);
  if ([...jar.keys()].some((name) => transactionKind(site, name) === "sign-in")) return null;
  const claims = await sessionClaimsIn(jar);
  // Whoever gets the cookie is sent to this address once more: `//host/` is a path to the gate, and another site to a browser.
  const { authUrl } = env();
  const url = URL.canParse(asked, authUrl) ? new URL(asked, authUrl) : null;
  if (!claims || url?.origin !== new URL(authUrl).origin) return null;
  const cookie = await sessionCookies().seal({ ...claims, roles: rolesForGates(roles) });
  const { pathname: path, search } = url;
  const decide = createGate(daemun, sessionCookies());
  const decision = await decide({ path, search, headers: new Headers(), cookie });
  return decision.kind === "pass" ? cookieHeader(sessionCookies().name, cookie, cookieLife(claims)) : null;
}
