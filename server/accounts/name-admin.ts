import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { audited } from "../audit/audit";
import { refusalOf } from "./act-refusal";
import { type Actor, auditAct } from "./actor";
import { lockAccount } from "./lock-account";

/** What came of it. `unchanged`: it was so already, and nothing was written. */
export type NamingOutcome =
  | { kind: "done" }
  | { kind: "unchanged" }
  | { kind: "unknown" }
  | { kind: "refused"; code: ErrorCode };

/** Makes a user an administrator, whatever their providers say: at their next request, on every instance. */
export function grantAdmin(userId: string, { actor }: { actor: Actor }): Promise<NamingOutcome> {
  return audited(async (tx, audit) => {
    if (!(await lockAccount(tx, userId))) return { kind: "unknown" };
    const { count } = await tx.user.updateMany({
      where: { id: userId, adminSince: null },
      data: { adminSince: new Date() },
    });
    if (count === 0) return { kind: "unchanged" };
    await auditAct(audit, actor, { act: "grant_admin", userId });
    return { kind: "done" };
  });
}

/** Takes that back, at once. What `ADMIN_SUBJECTS` or a provider says stays. The last administrator stays one. */
export function revokeAdmin(userId: string, { actor }: { actor: Actor }): Promise<NamingOutcome> {
  return audited(async (tx, audit) => {
    if (!(await lockAccount(tx, userId))) return { kind: "unknown" };
    const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { adminSince: true } });
    if (!user.adminSince) return { kind: "unchanged" };
    const code = await refusalOf(tx, { act: "revoke_admin", userId, actor });
    if (code) return { kind: "refused", code };
    await tx.user.update({ where: { id: userId }, data: { adminSince: null } });
    await auditAct(audit, actor, { act: "revoke_admin", userId });
    return { kind: "done" };
  });
}
