import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import type { Audit } from "../../audit/audit";
import { type EndedSessions, endSessions, lockUser } from "./end-sessions";
import { expireLapsed } from "./expire-session";

/** Which of their sessions a person ends from another one: one by its public id, or all others. */
export type Chosen = { kind: "one"; id: string } | { kind: "others" };

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads a choice as forms and transactions write it, `others` or a public id; null for anything else. */
export function parseChosen(text: string | null | undefined): Chosen | null {
  if (text === "others") return { kind: "others" };
  return text && uuid.test(text) ? { kind: "one", id: text } : null;
}

/** Ends a person's chosen sessions in the caller's transaction. Those of other people and ended ones do not exist here. */
export async function endChosen(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { userId, current, chosen, confirmed }: { userId: string; current: string; chosen: Chosen; confirmed: boolean },
): Promise<EndedSessions> {
  const now = new Date();
  if (chosen.kind === "others") await lockUser(tx, userId);
  const which = { AND: [chosen.kind === "one" ? { id: chosen.id } : { id: { not: current } }, { userId }] };
  // One whose deadline has passed has ended by that, and is no success of this.
  const lapsed = await expireLapsed(tx, audit, which, now);
  const ended = await endSessions(tx, which, { reason: "session_revoked", by: "self", now });
  await auditRevoked(audit, ended.sessions, "self", noteOf({ confirmed }));
  return { ...ended, grants: [...lapsed.grants, ...ended.grants] };
}

/** An audit row for each session that was ended by a decision, rather than by its deadline. */
export function auditRevoked(
  audit: Audit,
  sessions: EndedSessions["sessions"],
  cause: "self" | "cap" | "replaced" | "unlinked",
  note: ReturnType<typeof noteOf> = {},
): Promise<void> {
  return audit(
    ...sessions.map((who) => ({
      ...who,
      event: "session.revoked" as const,
      outcome: "success" as const,
      reason: "session_revoked" as const,
      detail: { cause, count: sessions.length, ...note },
    })),
  );
}

/** What the trail says of an end that nobody confirmed, because the provider could not be asked. */
export function noteOf({ confirmed }: { confirmed: boolean }): { confirmed?: false } {
  return confirmed ? {} : { confirmed: false };
}
