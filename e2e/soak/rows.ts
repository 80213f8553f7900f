import { hashSessionId } from "../../server/audit/audit";
import type { StartedApp } from "../support/start-app";
import type { Life, Violation } from "./history";

type Ask = StartedApp["rows"];

interface SessionRow {
  sessionToken: string;
  userId: string;
  subject: string;
  endedAt: Date | null;
  endReason: string | null;
  grants: number;
}

interface AuditRow {
  event: string;
  sessionHash: string | null;
  userId: string | null;
  at: Date;
}

/** What says that a session ended for this reason, by events of the audit trail. */
const endEvents: Readonly<Record<string, readonly string[]>> = {
  signed_out: ["sign_out"],
  signed_out_by_provider: ["sign_out.backchannel", "session.revoked", "token.refresh_failed"],
  replaced: ["sign_in.succeeded"],
};

/** What must not be in the tables once everybody has signed out: one question each. */
const torn: Readonly<Record<string, string>> = {
  "a session goes on": `SELECT 1 FROM "Session" WHERE "endedAt" IS NULL`,
  "a lease is left": `SELECT 1 FROM "Grant" WHERE "leaseHolder" IS NOT NULL OR "leaseExpiresAt" IS NOT NULL`,
  "a grant of an ended session lives": `SELECT 1 FROM "Grant" g JOIN "Session" s ON s.id = g."sessionId"
     WHERE s."endedAt" IS NOT NULL AND (g."endedAt" IS NULL OR g."sealedRefreshToken" IS NOT NULL OR g."sealedIdToken" IS NOT NULL)`,
  "a living grant has no refresh token, or an ended one has": `SELECT 1 FROM "Grant"
     WHERE ("endedAt" IS NULL) <> ("sealedRefreshToken" IS NOT NULL)`,
  "an ended grant has access tokens": `SELECT 1 FROM "AccessToken" t JOIN "Grant" g ON g.id = t."grantId"
     WHERE g."endedAt" IS NOT NULL`,
  "a user has no linked identity, or several": `SELECT 1 FROM "User" u
     WHERE (SELECT count(*) FROM "Account" a WHERE a."userId" = u.id) <> 1`,
  "a transaction is open": `SELECT 1 FROM pg_stat_activity
     WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND state_change < now() - interval '10 seconds'`,
};

/** Judges the tables after a run: every session whole, with its audit rows, and nothing half. */
export async function judgeRows(rows: Ask, lives: readonly Life[]): Promise<Violation[]> {
  const at = Date.now();
  const rule = "rows are whole";
  const found = Object.entries(torn).map(async ([what, sql]) => {
    const { length } = await rows(sql);
    return length === 0 ? [] : [{ rule, what: `${what} (${length} rows)`, at }];
  });
  const [sessions, events] = await Promise.all([
    rows<SessionRow>(
      `SELECT s.*, (SELECT count(*)::int FROM "Grant" g WHERE g."sessionId" = s.id) grants FROM "Session" s`,
    ),
    rows<AuditRow>(`SELECT event, "sessionHash", "userId", at FROM "AuditEvent" WHERE outcome = 'success'
       OR event IN ('token.refresh_failed') ORDER BY at`),
  ]);
  const faults = sessions.flatMap((session) => faultsOf(session, events));
  const known = new Map(sessions.map((session) => [hashSessionId(session.sessionToken), session]));
  for (const { session, user } of lives) {
    if (known.get(session)?.subject !== user) faults.push("a session that a user had is in no row of theirs");
  }
  return [...(await Promise.all(found)).flat(), ...faults.map((what) => ({ rule, what, at }))];
}

function faultsOf(session: SessionRow, events: readonly AuditRow[]): string[] {
  const hash = hashSessionId(session.sessionToken);
  const faults: string[] = [];
  const begun = events.filter(({ event, sessionHash }) => event === "sign_in.succeeded" && sessionHash === hash);
  if (begun.length !== 1) faults.push(`a session has ${begun.length} rows sign_in.succeeded`);
  if (session.grants !== 1) faults.push(`a session has ${session.grants} grants`);
  const { endedAt, endReason, userId } = session;
  if (endedAt === null) return faults;
  const names = endEvents[endReason ?? ""];
  if (!names) return [...faults, `a session ended for ${endReason}`];
  // A row about several sessions of a user names the one that it was done from, or none.
  const told = events.some(
    ({ event, sessionHash, at, ...row }) =>
      names.includes(event) &&
      (sessionHash === hash || (row.userId === userId && at.getTime() >= endedAt.getTime() - 5_000)),
  );
  if (!told) faults.push(`no audit row says that a session ended (${endReason})`);
  return faults;
}
