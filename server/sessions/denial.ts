import "server-only";
import { type AuditEntry, auditAtOnce } from "../audit/audit";
import type { Failure } from "../http/error-reply";
import { missing, type Requirement } from "./requirement";
import type { ActiveSession } from "./session-state";
import { getGrantedScopes } from "./session-tokens";

/**
 * Why the session of whoever is asking may not go on to what asks for `requirement`, or null. Who is refused for good is
 * written down. The vault is only asked where scopes are required: one query. Never throws.
 *
 * @param asked the address that was asked for
 */
export async function denialOf(
  session: ActiveSession,
  requirement: Requirement,
  asked: string,
): Promise<Failure | null> {
  const granted = requirement.scopes?.length ? await getGrantedScopes() : null;
  if (granted && granted.kind !== "scopes") return granted;
  const code = missing(session, requirement, granted?.scopes);
  if (code === "forbidden") await auditDenial(session, asked);
  return code && { code };
}

/** Writes down that somebody signed in was refused at `asked`. Its query is left out: it may hold anything. */
export function auditDenial(session: ActiveSession, asked: string): Promise<void> {
  return auditRefusal(session, asked, { event: "authorization.denied", reason: "forbidden" });
}

/** Writes down that something was asked for in somebody's name by another site's page, or by nobody knows whom. */
export function auditForgery(session: ActiveSession, asked: string): Promise<void> {
  return auditRefusal(session, asked, { event: "csrf.rejected", reason: "csrf_rejected" });
}

function auditRefusal(
  { user, hash, provider, issuer }: ActiveSession,
  asked: string,
  what: Pick<AuditEntry, "event" | "reason">,
): Promise<void> {
  return auditAtOnce({
    ...what,
    outcome: "failure",
    userId: user.id,
    sessionHash: hash,
    provider,
    issuer,
    detail: { path: asked.split("?", 1)[0]?.slice(0, 200) ?? "" },
  });
}
