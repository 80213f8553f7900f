import "server-only";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import type { ErrorCode } from "@/edge/error-codes";
import { isActivity } from "@/edge/request-kind";
import type { SessionClaims } from "@/edge/session-cookie";
import { hashSessionId } from "../audit/audit";
import { askInTurn, db } from "../db/client";
import { isDatabaseUnavailable } from "../db/unavailable";
import { describeError, log } from "../http/log";
import { expireSession, passedDeadline } from "./expire-session";
import { touchIntervalMs } from "./policy";
import { noteRejection } from "./rejection";
import { readSessionClaims, sessionCookies } from "./session-cookies";

/** A live session with the person it belongs to, as the registry has it. Holds nothing that opens anything. */
export interface ActiveSession {
  /** The public id: it may be shown. */
  id: string;
  /** How the audit trail names it. */
  hash: string;
  user: { id: string; name: string | null; email: string | null; emailVerified: Date | null; image: string | null };
  provider: string;
  issuer: string;
  /** The provider's `sub`. */
  subject: string;
  /** The ID token's claims. */
  claims: Record<string, unknown>;
  /** Where name and picture come from: `id-token` when userinfo could not be had at sign-in. */
  claimsSource: "id-token" | "userinfo";
  roles: string[];
  authTime: Date;
  /** How the person authenticated, in the provider's words. */
  acr: string | null;
  createdAt: Date;
  lastActiveAt: Date;
  /** Seconds that a pause may last. */
  idleSeconds: number;
  idleExpiresAt: Date;
  expires: Date;
  rememberMe: boolean;
  device: string | null;
  ip: string | null;
}

const sessionEnds = [
  "session_idle",
  "session_expired",
  "session_revoked",
  "signed_out_by_provider",
  "account_disabled",
] as const satisfies readonly ErrorCode[];

/** Why a session that once was is over. */
export type SessionEnd = (typeof sessionEnds)[number];

export function isSessionEnd(code: ErrorCode): code is SessionEnd {
  return (sessionEnds as readonly ErrorCode[]).includes(code);
}

export type SessionState =
  | { kind: "anonymous" }
  | { kind: "ended"; code: SessionEnd }
  | { kind: "active"; session: ActiveSession }
  /** The registry cannot be asked: nobody is let in, nobody is signed out. */
  | { kind: "unavailable" };

/**
 * The state of this request's session: one decryption and one indexed query, memoised for the request. Counts as
 * activity if the request is a person's doing. Never throws.
 */
export const getSessionState: () => Promise<SessionState> = cache(async () => {
  const request = await headers();
  return readSessionState(isActivity(request.get("x-daemun-path") ?? "", request));
});

/** The same for what a machine asks (polls): never counts as activity. */
export function peekSessionState(): Promise<SessionState> {
  return readSessionState(false);
}

/** The same for what a person asks by a path of its own (`keep-alive`, the proxy): counts as activity. */
export function rollSessionState(): Promise<SessionState> {
  return readSessionState(true);
}

async function readSessionState(isActive: boolean): Promise<SessionState> {
  const claims = await readSessionClaims((await cookies()).get(sessionCookies().name)?.value);
  return claims ? judgeSession(claims, isActive) : { kind: "anonymous" };
}

/** Asks the registry about a session that a cookie names. @param isActive whether to roll the idle deadline */
export async function judgeSession(claims: SessionClaims, isActive: boolean, now = new Date()): Promise<SessionState> {
  try {
    const row = await askInTurn(`session ${claims.sid}`, () =>
      db.session.findUnique({
        where: { sessionToken: claims.sid },
        include: { user: true },
        relationLoadStrategy: "join",
      }),
    );
    // No row, or a row of somebody else: never ours, or swept long ago.
    if (!row || row.userId !== claims.sub) return { kind: "anonymous" };
    const who = { userId: row.userId, sid: claims.sid, provider: row.provider, issuer: row.issuer };
    if (row.endedAt || row.user.disabledAt) {
      const code = row.endedAt ? endCode(row.endReason) : "account_disabled";
      await noteRejection({ ...who, reason: code, ...(row.endedAt && { detail: { cause: row.endReason } }) });
      return { kind: "ended", code };
    }
    const passed = passedDeadline(row, now);
    if (passed) {
      await expireSession(row.id, passed);
      return { kind: "ended", code: endCode(passed) };
    }
    const rolled = isActive && now.getTime() - row.lastActiveAt.getTime() >= touchIntervalMs(row.idleSeconds);
    const idleExpiresAt = rolled
      ? new Date(Math.min(now.getTime() + row.idleSeconds * 1000, row.expires.getTime()))
      : row.idleExpiresAt;
    if (rolled) {
      // Guarded by endedAt: a session that was ended meanwhile stays ended. And by the last activity: of parallel requests
      // one writes, and a clock that is behind sets nothing back.
      await db.session.updateMany({
        where: { id: row.id, endedAt: null, lastActiveAt: row.lastActiveAt },
        data: { lastActiveAt: now, idleExpiresAt },
      });
    }
    const { id, name, email, emailVerified, image } = row.user;
    return {
      kind: "active",
      session: {
        id: row.id,
        hash: hashSessionId(claims.sid),
        user: { id, name, email, emailVerified, image },
        provider: row.provider,
        issuer: row.issuer,
        subject: row.subject,
        claims: isRecord(row.claims) ? row.claims : {},
        claimsSource: row.claimsSource === "userinfo" ? "userinfo" : "id-token",
        roles: row.roles,
        authTime: row.authTime,
        acr: row.acr,
        createdAt: row.createdAt,
        lastActiveAt: rolled ? now : row.lastActiveAt,
        idleSeconds: row.idleSeconds,
        idleExpiresAt,
        expires: row.expires,
        rememberMe: row.rememberMe,
        device: row.device,
        ip: row.ip,
      },
    };
  } catch (error) {
    // Whatever the fault is, the row was not read: fail closed, keep the cookie.
    const level = isDatabaseUnavailable(error) ? "warn" : "error";
    log[level]("session.unreadable", { cause: describeError(error) });
    return { kind: "unavailable" };
  }
}

function endCode(reason: string | null): SessionEnd {
  if (reason === "session_idle" || reason === "session_expired" || reason === "signed_out_by_provider") return reason;
  return reason === "provider_limit" ? "signed_out_by_provider" : "session_revoked";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
