import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import type { AuditEntry } from "../../audit/audit";
import { afterResponse } from "../../http/after-response";
import { type EndedSessions, endSessions } from "../../sessions/registry/end-sessions";
import { revokeQuietly } from "../../tokens/revoke-grants";
import type { WithdrawnGrant } from "../../tokens/store";

/** Ends sessions because the provider said so, in the caller's transaction. */
export function endForProvider(
  tx: Prisma.TransactionClient,
  which: Prisma.SessionWhereInput,
  now: Date,
): Promise<EndedSessions> {
  return endSessions(tx, which, { reason: "signed_out_by_provider", by: "provider", now, isToRevoke: endsWithSession });
}

function endsWithSession(scope: string): boolean {
  return !scope.split(" ").includes("offline_access");
}

/** Whose sessions ended, as far as one audit row can say it of several. */
export function ownersOf({ sessions }: EndedSessions): Pick<AuditEntry, "userId" | "sid"> {
  const [first, ...others] = sessions;
  if (!first) return {};
  if (others.length === 0) return { userId: first.userId, sid: first.sid };
  return others.every(({ userId }) => userId === first.userId) ? { userId: first.userId } : {};
}

/**
 * Tells the provider that refresh tokens are not needed any more, once the answer has gone out. Those for offline
 * access were given to outlive the session: here they are erased, there they are left.
 *
 * Source: OpenID Connect Back-Channel Logout 1.0, section 2.7.
 */
export function revokeWhatEndsWithTheSession(grants: readonly WithdrawnGrant[]): void {
  const bound = grants.filter(({ scope }) => endsWithSession(scope));
  if (bound.some(({ refreshToken }) => refreshToken !== null)) afterResponse(() => revokeQuietly(bound));
}
