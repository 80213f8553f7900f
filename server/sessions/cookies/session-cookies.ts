import "server-only";
import daemun from "@/daemun.config";
import type { Configuration } from "@/edge/config";
import { cookieSite } from "@/edge/cookie-names";
import { createSessionCookieCodec, type SessionClaims, type SessionCookieCodec } from "@/edge/session-cookie";
import { env } from "../../settings/env";

const config: Configuration = daemun;
let codec: SessionCookieCodec | undefined;

/** The codec of the session cookie, with this process's secrets. */
export function sessionCookies(): SessionCookieCodec {
  const roles = config.session.cookieRoles ?? "names";
  codec ??= createSessionCookieCodec(env().sessionSecrets, env().secure, { ...cookieSite(env().authUrl), roles });
  return codec;
}

/**
 * The claims of our own cookie among those of a browser, whatever else was sent, or null. The deadlines in it are not
 * judged: the row knows better.
 *
 * @param cookie the value of a cookie by its name
 */
export async function readSessionClaims(cookie: (name: string) => string | undefined): Promise<SessionClaims | null> {
  const reading = await sessionCookies().read(await sessionCookies().find(cookie), new Date(0));
  return reading.kind === "valid" ? reading.claims : null;
}

/** The same of a request's cookies. */
export function sessionClaimsIn(jar: ReadonlyMap<string, string>): Promise<SessionClaims | null> {
  return readSessionClaims((name) => jar.get(name));
}
