import "server-only";
import { PrismaAdapter } from "@auth/prisma-adapter";
import type { Prisma } from "@/prisma/generated/client";
import type { IdTokenClaims } from "../oidc/id-token";
import { profileOf } from "./profile";
import type { SignInContext, SignInFailure } from "./sign-in-context";

/**
 * The person whose account at the provider this is, brought up to date, or a new one, in the caller's transaction.
 * Accounts are found by the provider's subject alone, never by an address.
 */
export async function findOrCreatePerson(
  tx: Prisma.TransactionClient,
  { provider, metadata, userInfo }: SignInContext,
  idToken: IdTokenClaims,
  now: Date,
): Promise<{ userId: string; isNew: boolean } | { failure: SignInFailure }> {
  const { name, image, email } = profileOf(idToken, userInfo ?? null);
  const identity = { provider: provider.id, providerAccountId: idToken.sub };
  // Asked before the account: a sibling sign-in of this same person commits both at once, so that whoever sees its
  // address here sees its account below.
  const isTaken = email !== null && (await tx.user.count({ where: { email: email.address } })) > 0;
  const account = await tx.account.findUnique({
    where: { provider_providerAccountId: identity },
    include: { user: true },
  });
  if (account) {
    // A subject is only unique within its issuer: after the operator pointed this id elsewhere, it is somebody else.
    if (account.issuer !== metadata.issuer) return { failure: { code: "account_not_linked", cause: "issuer_changed" } };
    if (account.user.disabledAt) return { failure: { code: "account_disabled", cause: "disabled" } };
    await tx.account.update({ where: { id: account.id }, data: { lastSignInAt: now } });
    // People verify their address after their first sign-in, too.
    const address = account.user.email === null && email?.verified && !isTaken ? email.address : null;
    await tx.user.update({
      where: { id: account.userId },
      data: {
        ...(name && { name }),
        ...(image && { image }),
        ...(address && { email: address, emailVerified: now }),
      },
    });
    return { userId: account.userId, isNew: false };
  }
  // An address is never proof of being that person: whoever owns the account links it, signed in, on purpose.
  if (isTaken) return { failure: { code: "account_not_linked", cause: "email_taken" } };
  const adapter = PrismaAdapter(tx as unknown as Parameters<typeof PrismaAdapter>[0]);
  // Only an address that the provider vouches for is written: an unverified one would keep its owner out.
  const user = await adapter.createUser?.({
    id: "",
    name,
    image,
    email: (email?.verified ? email.address : null) as string,
    emailVerified: email?.verified ? now : null,
  });
  if (!user) throw new Error("The adapter made no user.");
  const link = {
    ...identity,
    userId: user.id,
    type: "oidc" as const,
    issuer: metadata.issuer,
    lastSignInAt: now.toISOString(),
  };
  await adapter.linkAccount?.(link);
  return { userId: user.id, isNew: true };
}
