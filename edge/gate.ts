import { readSentToken } from "./access-token";
import type { DaemunConfig, Gate } from "./config";
import type { ErrorCode } from "./error-codes";
import { isActivity } from "./request-kind";
import { holdsRole } from "./role-digests";
import { idleDeadlineFrom, reissueSeconds, type SessionClaims, type SessionCookieCodec } from "./session-cookie";

export type GateDecision =
  /** The request goes on. `reissue` is a cookie to re-seal, `clear` a cookie that opens nothing. */
  | { kind: "pass"; gated: boolean; reissue: SessionClaims | null; clear: boolean }
  /** Nobody is signed in. */
  | { kind: "sign-in"; code: ErrorCode; clear: boolean }
  /** Somebody is, and may not. */
  | { kind: "refuse"; code: ErrorCode };

export interface GateRequest {
  path: string;
  /** The query with its question mark, or nothing. */
  search?: string;
  headers: Pick<Headers, "get">;
  cookie: string | undefined;
}

/**
 * The gate: cookie -> claims -> allow, sign in, or refuse. Pure but for the clock; no I/O.
 *
 * It is a courtesy that answers early. Every page, action, handler and proxied call checks the session's row itself,
 * so that nothing leaks where the gate is missing.
 */
export function createGate(config: Pick<DaemunConfig, "gates">, cookies: SessionCookieCodec) {
  return async function decide(request: GateRequest, now = new Date()): Promise<GateDecision> {
    const gates = readings(request.path).map((path) => config.gates.find((gate) => fitsPath(gate.path, path)));
    const isPublic = gates.every((gate) => gate?.access === "public");
    const reading = await cookies.read(request.cookie, now);

    if (isPublic) return { kind: "pass", gated: false, reissue: null, clear: reading.kind === "invalid" };
    // Whatever it is worth the route finds out, which refuses a cookie beside it too. A route that asks for no token has a
    // session to ask for.
    const isForTokens = gates.every((gate) => gate?.bearer === true) && readSentToken(request.headers) !== null;
    if (isForTokens) return { kind: "pass", gated: true, reissue: null, clear: false };
    if (reading.kind === "absent") return { kind: "sign-in", code: "not_authenticated", clear: false };
    if (reading.kind === "invalid") return { kind: "sign-in", code: "not_authenticated", clear: true };
    // The absolute deadline is final. The cookie stays until its own end, so that the registry can still note how it ended.
    if (reading.kind === "stale" && reading.deadline === "absolute") {
      return { kind: "sign-in", code: "session_expired", clear: false };
    }
    const { claims } = reading;
    const fits = await Promise.all(gates.map((gate) => holdsRole(gate?.roles, claims.roles)));
    if (fits.includes(false)) return { kind: "refuse", code: "forbidden" };
    // The idle deadline is the registry's to judge: it saw activity that left no trace in the cookie, and it keeps the
    // record. The gate only does not roll it.
    const reissue = reading.kind === "valid" ? renewed(claims, request, now) : null;
    return { kind: "pass", gated: true, reissue, clear: false };
  };
}

/** Rolls the idle deadline of somebody who is there, at most once per re-issue interval. */
function renewed(claims: SessionClaims, request: GateRequest, now: Date): SessionClaims | null {
  const seconds = Math.floor(now.getTime() / 1000);
  if (seconds - claims.issuedAt < reissueSeconds(claims.idleSeconds)) return null;
  if (!isActivity(request.path + (request.search ?? ""), request.headers)) return null;
  return {
    ...claims,
    issuedAt: seconds,
    idleDeadline: idleDeadlineFrom(seconds, claims.idleSeconds, claims.absoluteDeadline),
  };
}

/** Whether one of the `asked` roles is among those that are `held`; where none are asked for, anyone passes. None of an empty list are. */
export function hasRole(asked: readonly string[] | undefined, held: readonly string[]): boolean {
  return !asked || asked.some((role) => held.includes(role));
}

/** The gate that lets access tokens pass at this path; null where the first that fits does not. */
export function tokenGateAt(gates: DaemunConfig["gates"], path: string): Gate | null {
  const gate = gates.find((gate) => fitsPath(gate.path, path));
  return gate?.bearer ? gate : null;
}

/** Whether a path pattern of `daemun.config.ts` fits: a path to the letter, or one ending in `/*` for it and all below it. */
export function fitsPath(pattern: string, path: string): boolean {
  if (!pattern.endsWith("/*")) return pattern === path;
  const folder = pattern.slice(0, -2);
  return path === folder || path.startsWith(`${folder}/`);
}

/**
 * A path as it stands and as a router may read it: `/%61dmin` and `/a//b` must not pass a gate that `/admin` would
 * not. Most paths have one reading.
 */
function readings(path: string): string[] {
  if (!/[%\\]|\/\/|\/\./.test(path)) return [path];
  try {
    const decoded = decodeURIComponent(path).replaceAll("\\", "/").replace(/\/+/g, "/");
    return [path, new URL(decoded, "http://gate.invalid").pathname];
  } catch {
    // Undecodable: no gate names it, so it needs a session.
    return [path];
  }
}
