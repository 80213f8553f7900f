import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import type { Audit } from "../audit/audit";
import { auditRevoked } from "./end-chosen";
import { type EndedSessions, endSessions } from "./end-sessions";
import { sessionPolicy } from "./policy";

/**
 * Ends the least recently active sessions of a person who has more than the policy allows, in the transaction that
 * opened `newest`, which stays, and holds the lock on the person.
 */
export async function keepToCap(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { userId, newest, now }: { userId: string; newest: string; now: Date },
): Promise<EndedSessions> {
  const surplus = await tx.session.findMany({
    where: { userId, endedAt: null, idleExpiresAt: { gt: now }, id: { not: newest } },
    orderBy: { lastActiveAt: "desc" },
    skip: sessionPolicy().maxPerUser - 1,
    select: { id: true },
  });
  if (surplus.length === 0) return { count: 0, sessions: [], grants: [] };
  const which = { id: { in: surplus.map(({ id }) => id) } };
  const ended = await endSessions(tx, which, { reason: "session_cap", by: "policy", now });
  await auditRevoked(audit, ended.sessions, "cap");
  return ended;
}
