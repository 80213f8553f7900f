import type { JWTPayload } from "jose";
import { type CookieSite, cookieName } from "./cookie-names";
import { digestRole, isDigest, joinDigests, mostGateRoles, splitDigests } from "./role-digests";
import { createSealer } from "./sealing";

/** What the session cookie says: enough for the edge to decide, nothing that a thief could use elsewhere. Times are UNIX seconds. */
export interface SessionClaims {
  /** The user's id in our own registry. */
  sub: string;
  /** The session's secret id, which names its row. */
  sid: string;
  provider: string;
  /** Only roles that some gate names, by name or by digest; the row has them all. */
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
  /** Whether "Keep me signed in" was chosen; absent in a cookie of before that was noted. */
  remembered?: boolean;
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

/**
 * How long a browser is asked to keep a cookie sealed now, in seconds; null until it closes, where nobody asked to be kept
 * signed in. The session's row outlives it.
 */
export function cookieLife({ issuedAt, absoluteDeadline, remembered }: SessionClaims): number | null {
  return remembered === false ? null : absoluteDeadline - issuedAt + keptSeconds;
}

/** What is sealed, but for the absolute deadline, which is the value's own end. */
function sealedForm(claims: SessionClaims, roles: readonly string[]): JWTPayload {
  const { sub, sid, provider, authTime, issuedAt, idleSeconds, idleDeadline, remembered } = claims;
  return {
    sub,
    sid,
    prv: provider,
    rol: [...roles],
    aut: authTime,
    iss_at: issuedAt,
    ids: idleSeconds,
    idl: idleDeadline,
    ...(remembered !== undefined && { rem: Number(remembered) }),
  };
}

/** Claims from whatever was inside the seal, or null. A session has a user id and a session id; everything else is checked too. */
export function parseSessionClaims(payload: JWTPayload): SessionClaims | null {
  const { sub, sid, prv, rol, aut, iss_at, idl, ids, exp, rem } = payload as Record<string, unknown>;
  if (!isId(sub) || !isId(sid) || !isId(prv)) return null;
  if (!Array.isArray(rol) || !rol.every((role) => typeof role === "string")) return null;
  if (![aut, iss_at, idl, ids, exp].every((value) => Number.isSafeInteger(value))) return null;
  return {
    sub,
    sid,
    provider: prv,
    roles: splitDigests(rol),
    authTime: aut as number,
    issuedAt: iss_at as number,
    idleSeconds: ids as number,
    idleDeadline: idl as number,
    absoluteDeadline: exp as number,
    ...((rem === 0 || rem === 1) && { remembered: rem === 1 }),
  };
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 255;
}

/** Why a cookie does not open the gate. `stale` names the deadline that passed. */
export type SessionReading =
  | { kind: "absent" }
  | { kind: "invalid" }
  | { kind: "stale"; deadline: "idle" | "absolute"; claims: SessionClaims }
  | { kind: "valid"; claims: SessionClaims };

// Decrypting costs more than the whole rest of the gate, and the same cookie comes with every request.
const rememberedCookies = 4096;

// With its name and attributes the cookie stays below 1,500 bytes.
const longestSealed = 1350;
// What browsers keep. Before sealing was bounded, cookies of this size were sealed, and instances of then still do.
const longestRead = 4096;

/** How roles stand in the cookie: by name as long as all fit, or always by digest. */
export type RoleForm = "names" | "digests";

type ReadCookie = (name: string) => string | undefined;

export interface SessionCookieCodec {
  name: string;
  /** Seals the claims into the cookie's value, which is always short enough to be read again. */
  seal(claims: SessionClaims): Promise<string>;
  /** Reads the value of the cookie. Never throws; never does I/O. */
  read(value: string | undefined, now: Date): Promise<SessionReading>;
  /** The value of this app's cookie among those of a browser. */
  find(cookie: ReadCookie): Promise<string | undefined>;
  /** The names under which this app's cookie is to be taken away. */
  namesOf(cookie: ReadCookie): Promise<string[]>;
  /** The `Set-Cookie` attributes of this cookie. `maxAge` in seconds; 0 removes it, null keeps it until the browser closes. */
  attributes(maxAge: number | null): CookieAttributes;
}

interface CookieAttributes {
  httpOnly: true;
  sameSite: "lax";
  secure: boolean;
  path: "/";
  maxAge?: number;
}

interface CodecOptions {
  port?: CookieSite["port"];
  roles?: RoleForm;
}

/**
 * Seals and reads the session cookie, remembering opened cookies in a bounded map keyed by their value.
 *
 * @param secrets session secrets: the first seals, every one opens
 * @param secure whether the app is served over https
 * @param options the port in the cookie's name, if any (edge/cookie-names.ts), and how roles are written: by name
 *   unless told otherwise, which instances of version 0.1.0 read too
 */
export function createSessionCookieCodec(
  secrets: readonly string[],
  secure: boolean,
  { port = null, roles: form = "names" }: CodecOptions = {},
): SessionCookieCodec {
  const sealer = createSealer(secrets, "session");
  const name = cookieName({ secure, port }, "session");
  // Version 0.1.0 had one name for all ports of a loopback host. What another app keeps there does not open here.
  const formerName = port === null ? null : cookieName({ secure, port: null }, "session");
  const opened = new Map<string, SessionClaims>();
  const open = async (value: string): Promise<SessionClaims | null> => {
    const known = opened.get(value);
    if (known) return known;
    if (value.length > longestRead) return null;
    // The absolute deadline is judged below, so that its passing can be told from forgery.
    const payload = await sealer.open(value, new Date(0));
    const claims = payload && parseSessionClaims(payload);
    if (!claims) return null;
    if (opened.size >= rememberedCookies) opened.delete(opened.keys().next().value as string);
    opened.set(value, claims);
    return claims;
  };
  const former = async (cookie: ReadCookie) => {
    const value = formerName === null ? undefined : cookie(formerName);
    return value !== undefined && (await open(value)) ? value : undefined;
  };
  return {
    name,
    async seal(claims) {
      const sealed = (roles: readonly string[]) => sealer.seal(sealedForm(claims, roles), claims.absoluteDeadline);
      const names = claims.roles.filter((role) => !isDigest(role));
      const digests = claims.roles.filter(isDigest);
      if (form === "names") {
        const value = await sealed(digests.length > 0 ? [...names, joinDigests(digests)] : names);
        if (value.length <= longestSealed) return value;
      }
      const all = [...digests, ...(await Promise.all(names.map(digestRole)))].slice(0, mostGateRoles);
      return sealed(all.length > 0 ? [joinDigests(all)] : []);
    },
    async read(value, now) {
      if (!value) return { kind: "absent" };
      const claims = await open(value);
      if (!claims) return { kind: "invalid" };
      const seconds = now.getTime() / 1000;
      if (seconds >= claims.absoluteDeadline) return { kind: "stale", deadline: "absolute", claims };
      if (seconds >= claims.idleDeadline) return { kind: "stale", deadline: "idle", claims };
      return { kind: "valid", claims };
    },
    find: async (cookie) => cookie(name) ?? (await former(cookie)),
    namesOf: async (cookie) => ((await former(cookie)) === undefined ? [name] : [name, formerName as string]),
    attributes: (maxAge) => ({
      httpOnly: true,
      sameSite: "lax",
      secure,
      path: "/",
      ...(maxAge !== null && { maxAge }),
    }),
  };
}
