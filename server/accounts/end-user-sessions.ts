import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { type Audit, audited } from "../audit/audit";
import { afterResponse } from "../http/after-response";
import { serviceProviders } from "../services/service-provider";
import { endSessions } from "../sessions/registry/end-sessions";
import { expireLapsed } from "../sessions/registry/expire-session";
import { env } from "../settings/env";
import { revokeQuietly } from "../tokens/revoke-grants";
import type { WithdrawnGrant } from "../tokens/store";
import { type Actor, auditAct } from "./actor";
import { lockAccount } from "./lock-account";

/** What came of an act; `unknown` where there is no such user. */
export type EndedAll = { kind: "done"; sessions: number } | { kind: "unknown" };

/** Ends all sessions of a user, on every device. The provider is told of their refresh tokens after the answer. */
export async function endUserSessions(userId: string, { actor }: { actor: Actor }): Promise<EndedAll> {
  const ended = await audited(async (tx, audit) => {
    if (!(await lockAccount(tx, userId))) return null;
    const all = await endAll(tx, audit, userId, actor);
    await auditAct(audit, actor, { act: "end_sessions", userId, sessions: all.count });
    return all;
  });
  if (!ended) return { kind: "unknown" };
  revokeLater(ended.grants);
  return { kind: "done", sessions: ended.count };
}

/** Ends all sessions of a user in the caller's transaction, which holds their locks. */
export async function endAll(
  tx: Prisma.TransactionClient,
  audit: Audit,
  userId: string,
  actor: Actor,
): Promise<{ count: number; grants: WithdrawnGrant[] }> {
  const now = new Date();
  const lapsed = await expireLapsed(tx, audit, { userId }, now);
  const by = actor.kind === "self" ? "self" : "admin";
  const ended = await endSessions(tx, { userId }, { reason: "session_revoked", by, now });
  return { count: ended.count, grants: [...lapsed.grants, ...ended.grants] };
}

/** Tells providers and services, after the answer, of refresh tokens that are not used any more. */
export function revokeLater(grants: readonly WithdrawnGrant[]): void {
  if (grants.some(({ refreshToken }) => refreshToken !== null))
    afterResponse(() => revokeQuietly(grants, [...env().providers, ...serviceProviders()]));
}
