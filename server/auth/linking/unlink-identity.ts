import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { type Audit, audited, hashSessionId } from "../../audit/audit";
import { isIssuerOf } from "../../oidc/issuer";
import type { ActiveSession } from "../../sessions/registry/active-session";
import { auditRevoked } from "../../sessions/registry/end-chosen";
import { endSessions } from "../../sessions/registry/end-sessions";
import { expireLapsed } from "../../sessions/registry/expire-session";
import { findProvider } from "../../settings/env";
import type { WithdrawnGrant } from "../../tokens/store";
import { dropUnvouchedAddress } from "./drop-address";
import { holdUser } from "./hold-user";
import { LinkingError } from "./linking-failure";

/** A linked identity, as far as it says who signs in with it. */
export interface Identity {
  provider: string;
  providerAccountId: string;
  issuer: string;
}

/** Whether its user could sign in with an identity: its provider is set up, and still the one that it is from. */
export function canSignIn({ provider: id, issuer }: Pick<Identity, "provider" | "issuer">): boolean {
  const provider = findProvider(id);
  return provider !== null && (isIssuerOf(provider, issuer) || issuer === provider.formerIssuer);
}

export interface Unlinked {
  /** How many sessions ended that were alive. */
  count: number;
  /** Whether that of whoever asked was among them. */
  isOwnOver: boolean;
  grants: WithdrawnGrant[];
}

/**
 * Takes what a user has at a provider from them, and ends every session that was opened with it, in one transaction with the
 * audit rows; the user's address goes too where nothing that is left vouches for it. Null where there is nothing to take.
 *
 * @throws LinkingError `last_sign_in_method` where nothing would be left to sign in with; whatever {@link holdUser} throws
 */
export function unlinkIdentity(session: ActiveSession, provider: string): Promise<Unlinked | null> {
  const { id: userId } = session.user;
  return audited(async (tx, audit) => {
    // Before the user, as a sign-in takes them (find-user.ts): one that is under way comes first, and its session ends too.
    await tx.$queryRaw`SELECT 1 FROM "Account" WHERE "userId" = ${userId}::uuid ORDER BY id FOR UPDATE`;
    await holdUser(tx, session);
    const all = await tx.account.findMany({ where: { userId } });
    const taken = all.filter((account) => account.provider === provider);
    if (taken.length === 0) return null;
    if (!all.some((account) => account.provider !== provider && canSignIn(account)))
      throw new LinkingError("last_sign_in_method", "last");
    await tx.account.deleteMany({ where: { id: { in: taken.map(({ id }) => id) } } });
    await dropUnvouchedAddress(tx, userId);
    const ended: Unlinked = { count: 0, isOwnOver: false, grants: [] };
    for (const identity of taken) {
      const { count, isOwnOver, grants } = await endSessionsOf(tx, audit, session, identity);
      ended.count += count;
      ended.isOwnOver ||= isOwnOver;
      ended.grants.push(...grants);
      await audit({
        event: "account.unlinked",
        outcome: "success",
        userId,
        sessionHash: session.hash,
        provider,
        issuer: identity.issuer,
        detail: { sub: identity.providerAccountId, count },
      });
    }
    return ended;
  });
}

async function endSessionsOf(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { user, hash }: ActiveSession,
  { provider, providerAccountId: subject }: Identity,
): Promise<Unlinked> {
  const now = new Date();
  const which = { userId: user.id, provider, subject };
  const lapsed = await expireLapsed(tx, audit, which, now);
  const ended = await endSessions(tx, which, { reason: "session_revoked", by: "self", now });
  await auditRevoked(audit, ended.sessions, "unlinked");
  const isOwnOver = ended.sessions.some(({ sid }) => hashSessionId(sid) === hash);
  return { count: ended.count, isOwnOver, grants: [...lapsed.grants, ...ended.grants] };
}
