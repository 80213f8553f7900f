import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { audited } from "../audit/audit";
import { refusalOf } from "./act-refusal";
import { type Actor, auditAct } from "./actor";
import { endAll, revokeLater } from "./end-user-sessions";
import { lockAccount } from "./lock-account";

/** What came of it. `unchanged`: it was so already, and nothing was written. */
export type DisableOutcome =
  | { kind: "done"; sessions: number }
  | { kind: "unchanged" }
  | { kind: "unknown" }
  | { kind: "refused"; code: ErrorCode };

/** Keeps a user out: no sign-in succeeds, and all sessions end. Connections with services stay, and nobody can use them. */
export async function disableUser(userId: string, { actor }: { actor: Actor }): Promise<DisableOutcome> {
  const outcome = await audited(async (tx, audit) => {
    const user = await lockAccount(tx, userId);
    if (!user) return { kind: "unknown" } as const;
    if (user.disabledAt) return { kind: "unchanged" } as const;
    const code = await refusalOf(tx, { act: "disable", userId, actor });
    if (code) return { kind: "refused", code } as const;
    await tx.user.update({ where: { id: userId }, data: { disabledAt: new Date() } });
    const { count, grants } = await endAll(tx, audit, userId, actor);
    await auditAct(audit, actor, { act: "disable", userId, sessions: count });
    return { kind: "done", sessions: count, grants } as const;
  });
  if (outcome.kind !== "done") return outcome;
  const { grants, ...done } = outcome;
  revokeLater(grants);
  return done;
}

/** Lets a disabled user sign in again. */
export async function enableUser(userId: string, { actor }: { actor: Actor }): Promise<DisableOutcome> {
  return audited(async (tx, audit) => {
    const user = await lockAccount(tx, userId);
    if (!user) return { kind: "unknown" } as const;
    if (!user.disabledAt) return { kind: "unchanged" } as const;
    await tx.user.update({ where: { id: userId }, data: { disabledAt: null } });
    await auditAct(audit, actor, { act: "enable", userId });
    return { kind: "done", sessions: 0 } as const;
  });
}
