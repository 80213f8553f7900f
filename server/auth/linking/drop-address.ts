import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { trustsAddress } from "../../sessions/registry/policy";

/**
 * Takes a user's address off where no identity that they still have vouches for it, in the caller's transaction that holds the
 * user. A later sign-in may bring one that a provider vouches for.
 *
 * @returns whether the user has no address now
 */
export async function dropUnvouchedAddress(tx: Prisma.TransactionClient, userId: string): Promise<boolean> {
  const user = await tx.user.findUnique({ where: { id: userId }, select: { email: true } });
  const address = user?.email;
  if (!address) return true;
  const vouching = await tx.account.findMany({
    // Of an identity that nobody has signed in with since that is kept, nothing is known: it may be the one that vouched.
    where: { userId, OR: [{ email: address, emailVerified: true }, { emailVerified: null }] },
    select: { provider: true },
  });
  if (vouching.some(({ provider }) => trustsAddress(provider, address))) return false;
  await tx.user.update({ where: { id: userId }, data: { email: null, emailVerified: null } });
  return true;
}
