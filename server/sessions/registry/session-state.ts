import "server-only";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { isActivity } from "@/edge/request-kind";
import type { SessionClaims } from "@/edge/session-cookie";
import { type AuditEntry, auditAtOnce } from "../../audit/audit";
import { createMinuteBound } from "../../audit/minute-bound";
import { db, readShared } from "../../db/client";
import { databaseFailureCode } from "../../db/unavailable";
import { describeError, log } from "../../http/log";
import { traced } from "../../telemetry/spans";
import { readSessionClaims } from "../cookies/session-cookies";
import { type ActiveSession, activeSession } from "./active-session";
import { noteJudged, recallJudged } from "./judged-session";
import { passedDeadline } from "./passed-deadline";
import { touchIntervalMs } from "./policy";
import { recheckLater } from "./recheck";
import { endCode, type SessionEnd } from "./session-end";

/** The state of a session; where there is none that lives, `code` says why. */
export type SessionState =
  | { kind: "anonymous"; code: "not_authenticated" }
  | { kind: "ended"; code: SessionEnd }
  | { kind: "active"; session: ActiveSession }
  /** The registry cannot be asked: nobody is let in, nobody is signed out. */
  | { kind: "unavailable"; code: "database_unavailable" | "overloaded" };

/** Whether reading counts as activity: if the request is a person's doing, always (`keep-alive`, the proxy), or never (polls). */
type Activity = "of-request" | "yes" | "no";

/**
 * The state of this request's session: one decryption and one indexed query, memoised for the request. Never throws.
 *
 * @param claims of the cookie, where they are at hand
 */
export function readSession({
  activity = "of-request",
  claims,
}: {
  activity?: Activity;
  claims?: SessionClaims;
} = {}): Promise<SessionState> {
  return claims ? askRegistry(claims, activity) : readOwn(activity);
}

const readOwn = cache(async (activity: Activity): Promise<SessionState> => {
  const claims = await ownClaims();
  if (!claims) return anonymous;
  const state = await askRegistry(claims, activity);
  noteJudged(claims.sid, state);
  return state;
});

/**
 * The state of this request's session for who asks the vault next, as it was judged in this request within the last second.
 * Only for that: a grant ends with its session in one transaction, so that a session which has ended meanwhile has no token.
 */
export async function readJudgedSession(): Promise<SessionState> {
  const judged = recallJudged();
  return judged && (await ownClaims())?.sid === judged.sid ? judged.state : readSession();
}

async function ownClaims(): Promise<SessionClaims | null> {
  const jar = await cookies();
  return readSessionClaims((name) => jar.get(name)?.value);
}

const anonymous = { kind: "anonymous", code: "not_authenticated" } as const;

function askRegistry(claims: SessionClaims, activity: Activity): Promise<SessionState> {
  return traced("daemun.session.check", {}, async (tell) => {
    const state = await judge(claims, activity);
    tell({ "daemun.outcome": state.kind === "active" ? state.kind : state.code });
    return state;
  });
}

async function judge(claims: SessionClaims, activity: Activity): Promise<SessionState> {
  const isActive = activity === "of-request" ? await isUsersDoing() : activity === "yes";
  const now = new Date();
  try {
    const row = await readShared(`session ${claims.sid}`, () =>
      db.session.findUnique({
        where: { sessionToken: claims.sid },
        include: { user: true },
        relationLoadStrategy: "join",
      }),
    );
    // No row, or a row of somebody else: never ours, or swept long ago.
    if (!row || row.userId !== claims.sub) return anonymous;
    const who = { userId: row.userId, sid: claims.sid, provider: row.provider, issuer: row.issuer };
    if (row.endedAt || row.user.disabledAt) {
      const code = row.endedAt ? endCode(row.endReason) : "account_disabled";
      await noteRejection({ ...who, reason: code, ...(row.endedAt && { detail: { cause: row.endReason } }) });
      return { kind: "ended", code };
    }
    const passed = passedDeadline(row, now);
    if (passed) {
      // Only now: a page that asks for no token loads no vault (ADR 68).
      const { expireSession } = await import("./expire-session");
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
    const session = await activeSession({ ...row, ...(rolled && { lastActiveAt: now }), idleExpiresAt });
    if (isActive) recheckLater(session, now.getTime());
    return { kind: "active", session };
  } catch (error) {
    // Whatever the fault is, the row was not read: fail closed, keep the cookie.
    const code = databaseFailureCode(error);
    log[code === "internal_error" ? "error" : "warn"]("session.unreadable", { cause: describeError(error) });
    return { kind: "unavailable", code: code === "overloaded" ? code : "database_unavailable" };
  }
}

// An old tab that goes on asking, or somebody with a copied cookie, must not fill the table.
const mayNote = createMinuteBound(20);

/** Writes down that an ended session was used, a bounded number of times a minute for each session and instance. */
async function noteRejection(entry: Omit<AuditEntry, "event" | "outcome"> & { sid: string }): Promise<void> {
  if (mayNote(entry.sid)) await auditAtOnce({ ...entry, event: "session.rejected", outcome: "failure" });
}

async function isUsersDoing(): Promise<boolean> {
  const request = await headers();
  return isActivity(request.get("x-daemun-path") ?? "", request);
}
