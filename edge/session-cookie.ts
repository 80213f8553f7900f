import type { JWTPayload } from "jose";
import { createSealer } from "./sealing";

/** What the session cookie says: enough for the edge to decide, nothing that a thief could use elsewhere. Times are UNIX seconds. */
export interface SessionClaims {
  /** The user's id in our own registry. */
  sub: string;
  /** The session's secret id, which names its row. */
  sid: string;
  provider: string;
  /** Only roles that some gate names; the row has them all. */
  roles: readonly string[];
  /** When the person last authenticated at the provider. */
  authTime: number;
  /** When this cookie was sealed. */
  issuedAt: number;
  /** How long a pause may last. */
  idleSeconds: number;
  /** When the session ends if nothing happens; the row is the authority. */
  idleDeadline: number;
  /** When it ends in any case. */
  absoluteDeadline: number;
}

/** Why a cookie does not open the gate. `stale` names the deadline that passed. */
export type SessionReading =
  | { kind: "absent" }
  | { kind: "invalid" }
  | { kind: "stale"; deadline: "idle" | "absolute"; claims: SessionClaims }
  | { kind: "valid"; claims: SessionClaims };

// RFC 6265bis section 4.1.3.2: __Host- needs Secure, Path=/ and no Domain. Loopback http has no Secure cookies.
export function sessionCookieName(secure: boolean): string {
  return secure ? "__Host-daemun.session" : "daemun.session";
}

/** How often the edge re-issues the cookie of an active person, in seconds: at most once a minute. */
export function reissueSeconds(idleSeconds: number): number {
  return Math.min(60, Math.max(1, Math.floor(idleSeconds / 4)));
}

/** The idle deadline to seal now. It includes the re-issue interval, since activity within that leaves no trace in the cookie. */
export function idleDeadlineFrom(now: number, idleSeconds: number, absoluteDeadline: number): number {
  return Math.min(now + idleSeconds + reissueSeconds(idleSeconds), absoluteDeadline);
}

// Past its end the cookie opens nothing. It stays another day, so that whoever comes back is told how the session ended.
const keptSeconds = 86_400;

/** How long a browser is asked to keep a cookie sealed now, in seconds. The session's row outlives it. */
export function cookieLife({ issuedAt, absoluteDeadline }: SessionClaims): number {
  return absoluteDeadline - issuedAt + keptSeconds;
}

/** Claims from whatever was inside the seal, or null. A session has a user id and a session id; everything else is checked too. */
export function parseSessionClaims(payload: JWTPayload): SessionClaims | null {
  const { sub, sid, prv, rol, aut, iss_at, idl, ids, exp } = payload as Record<string, unknown>;
  if (!isId(sub) || !isId(sid) || !isId(prv)) return null;
  if (!Array.isArray(rol) || !rol.every((role) => typeof role === "string")) return null;
  if (![aut, iss_at, idl, ids, exp].every((value) => Number.isSafeInteger(value))) return null;
  return {
    sub,
    sid,
    provider: prv,
    roles: rol,
    authTime: aut as number,
    issuedAt: iss_at as number,
    idleSeconds: ids as number,
    idleDeadline: idl as number,
    absoluteDeadline: exp as number,
  };
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 255;
}

// Decrypting costs more than the whole rest of the gate, and the same cookie comes with every request.
const rememberedCookies = 4096;

export interface SessionCookieCodec {
  name: string;
  /** Seals the claims into the cookie's value. */
  seal(claims: SessionClaims): Promise<string>;
  /** Reads the value of the cookie. Never throws; never does I/O. */
  read(value: string | undefined, now: Date): Promise<SessionReading>;
  /** The `Set-Cookie` attributes of this cookie. `maxAge` in seconds; 0 removes it. */
  attributes(maxAge: number): { httpOnly: true; sameSite: "lax"; secure: boolean; path: "/"; maxAge: number };
}

/**
 * Seals and reads the session cookie, remembering opened cookies in a bounded map keyed by their value.
 *
 * @param secrets session secrets, newest first
 * @param secure whether the app is served over https
 */
export function createSessionCookieCodec(secrets: readonly string[], secure: boolean): SessionCookieCodec {
  const sealer = createSealer(secrets, "session");
  const opened = new Map<string, SessionClaims>();
  const open = async (value: string): Promise<SessionClaims | null> => {
    const known = opened.get(value);
    if (known) return known;
    // The absolute deadline is judged below, so that its passing can be told from forgery.
    const payload = await sealer.open(value, new Date(0));
    const claims = payload && parseSessionClaims(payload);
    if (!claims) return null;
    if (opened.size >= rememberedCookies) opened.delete(opened.keys().next().value as string);
    opened.set(value, claims);
    return claims;
  };
  return {
    name: sessionCookieName(secure),
    seal: ({ sub, sid, provider, roles, authTime, issuedAt, idleSeconds, idleDeadline, absoluteDeadline }) =>
      sealer.seal(
        {
          sub,
          sid,
          prv: provider,
          rol: [...roles],
          aut: authTime,
          iss_at: issuedAt,
          ids: idleSeconds,
          idl: idleDeadline,
        },
        absoluteDeadline,
      ),
    async read(value, now) {
      if (!value) return { kind: "absent" };
      // A cookie of ours is short; anything longer is not worth a decryption.
      const claims = value.length < 1500 ? await open(value) : null;
      if (!claims) return { kind: "invalid" };
      const seconds = now.getTime() / 1000;
      if (seconds >= claims.absoluteDeadline) return { kind: "stale", deadline: "absolute", claims };
      if (seconds >= claims.idleDeadline) return { kind: "stale", deadline: "idle", claims };
      return { kind: "valid", claims };
    },
    attributes: (maxAge) => ({ httpOnly: true, sameSite: "lax", secure, path: "/", maxAge }),
  };
}
