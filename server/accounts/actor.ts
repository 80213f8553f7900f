import "server-only";
import type { Audit } from "../audit/audit";

/** Who does something to an account: its user, an administrator in a session of theirs, or an operator at a terminal. */
export type Actor =
  | { kind: "self"; sessionHash: string }
  | { kind: "admin"; userId: string; sessionHash: string }
  | { kind: "terminal"; login: string };

/** What may be done to an account by somebody else. */
export type Act =
  | "disable"
  | "enable"
  | "end_sessions"
  | "end_session"
  | "export"
  | "delete"
  | "import"
  | "note"
  | "grant_admin"
  | "revoke_admin";

/**
 * Writes down, in the caller's transaction, that somebody else than its user did something to an account. The row is in the
 * user's own slice of the trail, where nobody is named: `by` is for administrators. A user's own acts have events of their own.
 */
export async function auditAct(
  audit: Audit,
  actor: Actor,
  { act, userId, ...detail }: { act: Act; userId: string } & Record<string, string | number>,
): Promise<void> {
  if (actor.kind === "self") return;
  const by = actor.kind === "admin" ? actor.userId : actor.login;
  await audit({
    event: "admin.action",
    outcome: "success",
    userId,
    ...(actor.kind === "admin" && { sessionHash: actor.sessionHash }),
    detail: { act, actor: actor.kind, by, ...detail },
  });
}
