import "server-only";
import { createSessionCookieCodec, type SessionClaims, type SessionCookieCodec } from "@/edge/session-cookie";
import { env } from "../env";

let codec: SessionCookieCodec | undefined;

/** The codec of the session cookie, with this process's secrets. */
export function sessionCookies(): SessionCookieCodec {
  codec ??= createSessionCookieCodec(env().sessionSecrets, env().secure);
  return codec;
}

/**
 * The claims of our own cookie, whatever else was sent, or null. The deadlines in it are not judged: the row knows
 * better.
 */
export async function readSessionClaims(cookie: string | undefined): Promise<SessionClaims | null> {
  const reading = await sessionCookies().read(cookie, new Date(0));
  return reading.kind === "valid" ? reading.claims : null;
}
