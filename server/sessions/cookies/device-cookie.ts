import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { cookieName, cookieSite } from "@/edge/cookie-names";
import { cookieHeader } from "../../http/cookie-jar";
import { env } from "../../settings/env";

// As long as browsers keep a cookie at most (RFC 6265bis, section 5.6.3): 400 days.
const deviceSeconds = 400 * 86_400;

/**
 * The random id of a browser, which says nothing of anybody: the one in its cookie, or a new one. By it a device is known
 * again after a sign-out.
 */
export function deviceIdIn(jar: ReadonlyMap<string, string>): string {
  const id = jar.get(deviceCookieName()) ?? "";
  return /^[\w-]{22}$/.test(id) ? id : randomBytes(16).toString("base64url");
}

/** The `Set-Cookie` that a sign-in renews it with. */
export function deviceCookie(id: string): string {
  return cookieHeader(deviceCookieName(), id, deviceSeconds);
}

/** What a user's row keeps of it: for another user of this browser it is another value. */
export function hashDeviceId(id: string, userId: string): string {
  return createHash("sha256").update(`daemun device\n${userId}\n${id}`).digest("base64url");
}

function deviceCookieName(): string {
  return cookieName(cookieSite(env().authUrl), "device");
}
