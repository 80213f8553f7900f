import "server-only";
import { createHash } from "node:crypto";
import type { Prisma } from "@/prisma/generated/client";
import type { ReturnedSignIn, VerifiedSignIn } from "../next-auth/exchange-code";
import type { SignInFailure } from "../sign-in/failed-sign-in";

/** Which sign-ins are meant: those of one session at the provider, or all of a subject. */
export interface ProviderSession {
  issuer: string;
  subject: string | null;
  providerSessionId: string | null;
}

/**
 * Lets a sign-in and a logout of the same session or subject pass one after the other, on all instances, until the
 * caller's transaction ends: whichever comes second sees what the first one wrote. Taken before any row is touched, and
 * in one order, so that nobody waits in a circle. See docs/decisions/0018.
 */
export async function lockLogoutOrder(
  tx: Prisma.TransactionClient,
  { issuer, subject, providerSessionId }: ProviderSession,
): Promise<void> {
  const keys = [lockKey("sub", issuer, subject), lockKey("sid", issuer, providerSessionId)];
  const inOrder = keys.filter((key) => key !== null).sort((a, b) => (a < b ? -1 : 1));
  // A function's rows come in the order of its array, one lock after the other.
  if (inOrder.length > 0)
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(key) FROM unnest(${inOrder}::bigint[]) AS key`;
}

function lockKey(kind: "sub" | "sid", issuer: string, value: string | null): bigint | null {
  if (value === null) return null;
  return createHash("sha256").update(`daemun sign-in\n${kind}\n${issuer}\n${value}`).digest().readBigInt64BE();
}

/**
 * Why a sign-in comes too late, or null: a logout token that means it was received after it had left for the provider.
 * One that began afterwards is another sign-in, and so is one for which the person proved who they are after the
 * provider signed them out, even where the provider uses its session id again.
 *
 * Source: OpenID Connect Back-Channel Logout 1.0, section 2.7.
 */
export async function judgeEarlyLogout(
  tx: Prisma.TransactionClient,
  { transaction }: ReturnedSignIn,
  { idToken }: VerifiedSignIn,
): Promise<SignInFailure | null> {
  const { iss: issuer, sub: subject } = idToken;
  const providerSessionId = idToken.sid ?? null;
  await lockLogoutOrder(tx, { issuer, subject, providerSessionId });
  const leftAt = new Date(transaction.startedAt * 1000);
  const bySubject = { providerSessionId: null, subject };
  const bySession = { providerSessionId, OR: [{ subject: null }, { subject }] };
  const meant = await tx.logoutToken.findMany({
    where: {
      issuer,
      receivedAt: { gte: leftAt },
      OR: providerSessionId === null ? [bySubject] : [bySubject, bySession],
    },
    select: { issuedAt: true },
  });
  const provenAt = Math.floor(idToken.auth_time ?? 0);
  const isOver = meant.some(({ issuedAt }) => provenAt * 1000 <= issuedAt.getTime());
  return isOver ? { code: "signed_out_by_provider", cause: "early_logout" } : null;
}
