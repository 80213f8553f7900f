import "server-only";
import { PrismaAdapter } from "@auth/prisma-adapter";
import type { Prisma } from "@/prisma/generated/client";
import type { Audit } from "../../audit/audit";
import { log } from "../../http/log";
import type { ProviderSettings } from "../../settings/providers";
import { variablePrefix } from "../../settings/read-providers";
import { moveAccount } from "../former-issuer";
import type { ReturnedSignIn, VerifiedSignIn } from "../next-auth/exchange-code";
import type { SignInFailure } from "./failed-sign-in";
import { profileOf } from "./profile";

/**
 * The person whose account at the provider this is, brought up to date, or a new one, in the caller's transaction.
 * Accounts are found by the provider's subject alone, never by an address.
 */
export async function findOrCreateUser(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { provider, saidName }: ReturnedSignIn,
  { idToken, userInfo }: VerifiedSignIn,
  now: Date,
): Promise<{ userId: string; isNew: boolean; isDeletionUndone: boolean } | { failure: SignInFailure }> {
  const { image, email, ...profile } = profileOf(provider, idToken, userInfo);
  const name = profile.name ?? saidName;
  const identity = { provider: provider.id, providerAccountId: idToken.sub };
  // Asked before the account: a sibling sign-in of this same person commits both at once, so that whoever sees its
  // address here sees its account below.
  const isTaken = email !== null && (await tx.user.count({ where: { email: email.address } })) > 0;
  // What is done to a whole account locks in the same order, and is over before this or begins after it.
  await tx.$queryRaw`
    SELECT 1 FROM "Account" WHERE provider = ${identity.provider} AND "providerAccountId" = ${identity.providerAccountId}
    FOR UPDATE`;
  const account = await tx.account.findUnique({
    where: { provider_providerAccountId: identity },
    include: { user: true },
  });
  if (account) {
    // A subject is only unique within its issuer: after the operator pointed this id elsewhere, it is somebody else.
    const isMoved = account.issuer !== idToken.iss;
    if (isMoved && account.issuer !== provider.formerIssuer) {
      noteIssuerChanged(provider);
      return { failure: { code: "account_not_linked", cause: "issuer_changed" } };
    }
    if (account.user.disabledAt) return { failure: { code: "account_disabled", cause: "disabled" } };
    const { deletionDueAt } = account.user;
    // Whoever deletes it may be at it.
    if (deletionDueAt && deletionDueAt <= now) return { failure: { code: "account_disabled", cause: "deletion_due" } };
    if (isMoved)
      await moveAccount(tx, audit, account, { provider: provider.id, from: account.issuer, to: idToken.iss });
    await tx.account.update({ where: { id: account.id }, data: { lastSignInAt: now } });
    // People verify their address after their first sign-in, too.
    const address = account.user.email === null && email?.verified && !isTaken ? email.address : null;
    await tx.user.update({
      where: { id: account.userId },
      data: {
        ...(name && { name }),
        ...(image && { image }),
        ...(address && { email: address, emailVerified: now }),
        ...(deletionDueAt && { deletionAskedAt: null, deletionDueAt: null }),
      },
    });
    return { userId: account.userId, isNew: false, isDeletionUndone: deletionDueAt !== null };
  }
  if (!provider.newUsers) return { failure: { code: "sign_in_not_allowed", cause: "newUsers" } };
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
    type: provider.oauth2 ? ("oauth" as const) : ("oidc" as const),
    issuer: idToken.iss,
    lastSignInAt: now.toISOString(),
  };
  await adapter.linkAccount?.(link);
  return { userId: user.id, isNew: true, isDeletionUndone: false };
}

/** Users who are locked out by it can do nothing, and cannot know why. */
function noteIssuerChanged({ id }: ProviderSettings): void {
  const cure = `If the provider has moved and its users are the same, set ${variablePrefix(id)}_FORMER_ISSUER to the issuer of before, or run npm run provider:move.`;
  log.error("provider.issuer_changed", { provider: id, cure });
}
