import "server-only";
import { type AuditEntry, auditAtOnce } from "../../audit/audit";
import type { ActiveSession } from "../registry/active-session";

/** Writes down that somebody signed in was refused at `asked`. Its query is left out: it may hold anything. */
export function auditDenial(session: ActiveSession, asked: string): Promise<void> {
  const entry = { event: "authorization.denied", outcome: "failure", reason: "forbidden" } as const;
  return auditAtOnce({ ...entry, ...askedBy(session, asked) });
}

/** Writes down that something was asked for in somebody's name by another site's page, or by nobody knows whom. */
export function auditForgery(session: ActiveSession, asked: string): Promise<void> {
  const entry = { event: "csrf.rejected", outcome: "failure", reason: "csrf_rejected" } as const;
  return auditAtOnce({ ...entry, ...askedBy(session, asked) });
}

/** What an audit row says of a session and of the address that was asked for in it. */
export function askedBy({ user, hash, provider, issuer }: ActiveSession, asked: string) {
  const path = asked.split("?", 1)[0]?.slice(0, 200) ?? "";
  return { userId: user.id, sessionHash: hash, provider, issuer, detail: { path } } satisfies Partial<AuditEntry>;
}
