import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { audited } from "../../audit/audit";
import { db } from "../../db/client";
import { describeError, log } from "../../http/log";
import { rightClaims } from "../../oidc/rights";
import type { TokenOwner } from "../../tokens/owner";
import { postgresStore } from "../../tokens/postgres-store";
import type { Lease } from "../../tokens/store";
import { endSessions } from "./end-sessions";
import { deadlinesFor } from "./policy";

/** What a refused refresh makes of a session. */
type Fate = "end" | "goes_on" | "without_roles" | "to_confirm";

/**
 * What the sign-in provider's refusal of a refresh does to the session, in one transaction with the end of its grant: see
 * docs/decisions/0035. False, and nothing was done, where the lease is another's by now.
 */
export function endRefused(owner: TokenOwner, lease: Lease, cause: string): Promise<boolean> {
  const { grantOwner } = owner;
  if (!("sessionId" in grantOwner)) return postgresStore().end(lease, cause);
  const { sessionId: id } = grantOwner;
  return audited(async (tx, audit) => {
    // The session's row before the grant's, as whoever ends sessions takes them.
    const [session] = await tx.$queryRaw<{ rememberMe: boolean }[]>`
      SELECT "rememberMe" FROM "Session" WHERE id = ${id}::uuid AND "endedAt" IS NULL FOR UPDATE`;
    if (!(await postgresStore(tx).end(lease, cause))) return false;
    const fate = session ? fateOf(owner, lease, session) : "goes_on";
    if (fate === "goes_on") return true;
    if (fate !== "end") {
      await takeRoles(tx, id, { from: rightClaims(owner.provider), isToConfirm: fate === "to_confirm" });
      return true;
    }
    const { sessions } = await endSessions(tx, { id }, { reason: "signed_out_by_provider", by: "provider" });
    await audit(
      ...sessions.map((who) => ({
        ...who,
        event: "session.revoked" as const,
        outcome: "success" as const,
        reason: "signed_out_by_provider" as const,
        detail: { cause },
      })),
    );
    return true;
  });
}

function fateOf({ provider }: TokenOwner, lease: Lease, { rememberMe }: { rememberMe: boolean }): Fate {
  // The answer of an earlier refresh was lost: what is refused now may only be the token that it replaced.
  if (lease.isUnanswered) return "goes_on";
  if (rememberMe && hasLapsed(provider, lease)) return "to_confirm";
  return provider.onRefusedRefresh === "drop-roles" ? "without_roles" : "end";
}

/**
 * Whether the grant may have ended by itself, because it was left unused: the provider said when it would, or it lay for
 * longer than a session that is not remembered may, and than an active user's does.
 */
function hasLapsed({ id, recheckSeconds }: TokenOwner["provider"], { isPastEnd, renewedMsAgo }: Lease): boolean {
  const { idleSeconds } = deadlinesFor(id, { remember: false });
  return isPastEnd || renewedMsAgo > Math.max(idleSeconds, 2 * recheckSeconds) * 1000;
}

async function takeRoles(
  tx: Prisma.TransactionClient,
  id: string,
  { from, isToConfirm }: { from: string[]; isToConfirm: boolean },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Session" SET roles = '{}', claims = claims - ${from}::text[],
      confirmation = ${isToConfirm ? "due" : "refused"}
    WHERE id = ${id}::uuid`;
}

/** Writes down that the user of a session was asked to confirm it: pages do so once. */
export async function noteConfirmationAsked(id: string): Promise<void> {
  try {
    await db.session.updateMany({ where: { id, confirmation: "due" }, data: { confirmation: "asked" } });
  } catch (error) {
    // They are asked again, then.
    log.warn("session.confirmation_not_noted", { cause: describeError(error) });
  }
}
