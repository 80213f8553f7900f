import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { afterCommit } from "../../db/after-commit";
import { postgresStore } from "../../tokens/postgres-store";
import type { WithdrawnGrant, WithdrawOptions } from "../../tokens/store";
import { endOpenCalls } from "./open-calls";
import { endCode } from "./session-end";

/** Why a session ended, as its row keeps it. */
export type EndReason =
  | "signed_out"
  | "replaced"
  | "session_idle"
  | "session_expired"
  /** The provider's own limit came before ours. */
  | "provider_limit"
  | "signed_out_by_provider"
  | "session_revoked"
  /** A newer sign-in took the last place that a person may have. */
  | "session_cap"
  /** Renewing its tokens, the provider answered for another person. */
  | "identity_switch";

/** Who ended it: the person, a sign-in of theirs, the provider, the app's own rules, or an administrator. */
export type EndedBy = "self" | "sign_in" | "provider" | "policy" | "admin";

export interface EndedSessions {
  /** How many were alive until now. */
  count: number;
  /** Their secret ids and owners, for the audit trail. */
  sessions: { sid: string; userId: string; provider: string; issuer: string }[];
  /** What their grants held, to tell the provider. */
  grants: WithdrawnGrant[];
}

// What a tombstone does not need. Device words, times and the reason stay, for the list of ended sessions; whom the provider
// means stays for its sign-outs and revocations.
const erased = {
  claims: {},
  appClaims: Prisma.DbNull,
  roles: [],
  userInfoRights: [],
  organization: null,
  organizationNames: Prisma.DbNull,
  givenEmail: null,
  acr: null,
  amr: [],
  ip: null,
  userAgent: null,
};

/**
 * Ends sessions in the caller's transaction, and erases their claims with their tokens. Rows stay as tombstones past their
 * absolute deadline, so that no cookie and no request in flight brings them back. Already ended ones are left as they are.
 */
export async function endSessions(
  tx: Prisma.TransactionClient,
  which: Prisma.SessionWhereInput,
  { reason, by, now = new Date(), ...options }: { reason: EndReason; by: EndedBy; now?: Date } & WithdrawOptions,
): Promise<EndedSessions> {
  const ended = await tx.session.updateManyAndReturn({
    where: { AND: [which, { endedAt: null }] },
    data: { endedAt: now, endReason: reason, endedBy: by, ...erased },
    select: { id: true, sessionToken: true, userId: true, provider: true, issuer: true },
  });
  if (ended.length === 0) return { count: 0, sessions: [], grants: [] };
  // Here at once; every other instance looks for itself.
  afterCommit(tx, () =>
    endOpenCalls(
      ended.map(({ id }) => id),
      endCode(reason),
    ),
  );
  const owners = ended.map(({ id: sessionId }) => ({ sessionId }));
  const grants = await postgresStore(tx).withdraw(owners, reason, options);
  const sessions = ended.map(({ sessionToken: sid, userId, provider, issuer }) => ({ sid, userId, provider, issuer }));
  return { count: ended.length, sessions, grants };
}

/**
 * Holds the person's row until the caller's transaction ends, so that whatever decides about several of their sessions
 * passes one after the other, on all instances. Taken before any session's row.
 *
 * @returns what of the row a session's roles depend on
 */
export async function lockUser(tx: Prisma.TransactionClient, userId: string): Promise<{ adminSince: Date | null }> {
  // Not the stronger FOR UPDATE: new rows of others may name the person meanwhile.
  const [row] = await tx.$queryRaw<{ adminSince: Date | null }[]>`
    SELECT "adminSince" FROM "User" WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
  return { adminSince: row?.adminSince ?? null };
}
