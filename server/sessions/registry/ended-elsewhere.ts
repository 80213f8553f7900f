import "server-only";
import type { SessionClaims } from "@/edge/session-cookie";
import type { Prisma } from "@/prisma/generated/client";

/**
 * Whether the session of a browser's cookie was ended by somebody's decision and not by that browser: from another device,
 * by "everywhere", by an administrator. A sign-out of its own takes the cookie away. The provider's living session must not
 * sign such a browser in again by itself.
 *
 * @param tx with a lock on the row until its end, where `lock` is set
 */
export async function wasEndedElsewhere(
  tx: Pick<Prisma.TransactionClient, "$queryRaw">,
  { sid }: SessionClaims,
  { lock }: { lock: boolean },
): Promise<boolean> {
  type Tombstone = { endedAt: Date | null; endReason: string | null; endedBy: string | null };
  const rows = lock
    ? await tx.$queryRaw<Tombstone[]>`
        SELECT "endedAt", "endReason", "endedBy" FROM "Session" WHERE "sessionToken" = ${sid} FOR UPDATE`
    : await tx.$queryRaw<Tombstone[]>`
        SELECT "endedAt", "endReason", "endedBy" FROM "Session" WHERE "sessionToken" = ${sid}`;
  const [row] = rows;
  if (!row?.endedAt) return false;
  return row.endReason === "session_revoked" || row.endReason === "signed_out" || row.endedBy === "admin";
}
