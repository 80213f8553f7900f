import "server-only";
import { PrismaAdapter } from "@auth/prisma-adapter";
import { Prisma } from "@/prisma/generated/client";
import type { Audit } from "../../audit/audit";
import { log } from "../../http/log";
import { lockUser } from "../../sessions/registry/end-sessions";
import type { ProviderSettings } from "../../settings/providers";
import { variablePrefix } from "../../settings/read-providers";
import { moveAccount } from "../former-issuer";
import { dropUnvouchedAddress } from "../linking/drop-address";
import type { ReturnedSignIn, VerifiedSignIn } from "../next-auth/exchange-code";
import type { SignInFailure } from "./failed-sign-in";
import { profileOf, type StatedAddress } from "./profile";

/** The cause of a sign-in whose address belongs to the user of another identity. */
export const emailTaken = "email_taken";

export interface SignedInUser {
  userId: string;
  isNew: boolean;
  isDeletionUndone: boolean;
  /** What of the row a session's roles depend on. */
  adminSince: Date | null;
}

/**
 * The person whose account at the provider this is, brought up to date, or a new one, in the caller's transaction.
 * Accounts are found by the provider's subject alone, never by an address.
 *
 * The user's row is held from here to the commit, as `lockUser` holds it: one sign-in of a user at a time, so that each counts
 * what those before it left. That of a new user nobody else sees.
 */
export async function findOrCreateUser(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { provider, saidName }: ReturnedSignIn,
  { idToken, userInfo }: VerifiedSignIn,
  now: Date,
): Promise<SignedInUser | { failure: SignInFailure }> {
  const { image, email, stated, ...profile } = profileOf(provider, idToken, userInfo);
  const name = profile.name ?? saidName;
  const identity = { provider: provider.id, providerAccountId: idToken.sub };
  // The address is looked for before the account is read: a sibling sign-in of this same person commits both at once, so that
  // whoever sees its address here sees its account below. What is done to a whole account locks in the same order, and is over
  // before this or begins after it.
  const [asked] = await tx.$queryRaw<{ isTaken: boolean; held: boolean }[]>`
    WITH held AS MATERIALIZED (
      SELECT 1 FROM "Account" WHERE provider = ${identity.provider} AND "providerAccountId" = ${identity.providerAccountId}
      FOR UPDATE)
    SELECT EXISTS (SELECT 1 FROM "User" WHERE email = ${email?.address ?? null}) AS "isTaken",
      EXISTS (SELECT 1 FROM held) AS held`;
  const isTaken = asked?.isTaken ?? false;
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
    if (isBeingDeleted(account.user)) return { failure: { code: "account_disabled", cause: "deletion_due" } };
    if (isMoved)
      await moveAccount(tx, audit, account, { provider: provider.id, from: account.issuer, to: idToken.iss });
    const usable = email?.verified && !isTaken ? email.address : null;
    const seen = { id: account.id, at: now, ...addressOf(stated) };
    const isAnother = isAnotherAddress(account.user, stated);
    // Whoever looks what all identities vouch for has to find this one as it is now.
    if (isAnother) await tx.$executeRaw(noteSeen(seen));
    const address = isAnother ? await followAddress(tx, account.user, usable) : null;
    // By the model, so that whoever takes the same address at once is a conflict, and tries again.
    if (address) await tx.user.update({ where: { id: account.userId }, data: { email: address, emailVerified: now } });
    const isSaid = Boolean(name || image || deletionDueAt);
    // One statement, which holds the user's row whatever there is to write.
    const [held] = await tx.$queryRaw<{ adminSince: Date | null }[]>`
      WITH seen AS (${noteSeen(seen)})
      UPDATE "User" SET name = coalesce(${name || null}, name), image = coalesce(${image || null}, image),
        "deletionAskedAt" = CASE WHEN ${deletionDueAt !== null} THEN NULL ELSE "deletionAskedAt" END,
        "deletionDueAt" = CASE WHEN ${deletionDueAt !== null} THEN NULL ELSE "deletionDueAt" END,
        "updatedAt" = CASE WHEN ${isSaid} THEN ${now}::timestamptz ELSE "updatedAt" END
      WHERE id = ${account.userId}::uuid RETURNING "adminSince"`;
    if (!held) throw new Error("The user of this account has gone.");
    if (address && account.user.email !== null) {
      const who = { userId: account.userId, provider: provider.id, issuer: idToken.iss };
      await audit({ event: "account.address_changed", outcome: "success", ...who });
    }
    return { userId: account.userId, isNew: false, isDeletionUndone: deletionDueAt !== null, ...held };
  }
  if (!provider.newUsers) return { failure: { code: "sign_in_not_allowed", cause: "newUsers" } };
  // An address is never proof of being that person: whoever owns the account links it, signed in, on purpose.
  if (isTaken) return { failure: { code: "account_not_linked", cause: emailTaken } };
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
    ...addressOf(stated),
  };
  await adapter.linkAccount?.(link);
  return { userId: user.id, isNew: true, isDeletionUndone: false, adminSince: null };
}

/** That an identity has signed in, and with which address. */
function noteSeen({ id, at, ...address }: { id: string; at: Date } & ReturnType<typeof addressOf>): Prisma.Sql {
  return Prisma.sql`
    UPDATE "Account" SET "lastSignInAt" = ${at}::timestamptz, email = ${address.email}, "emailVerified" = ${address.emailVerified}
    WHERE id = ${id}::uuid`;
}

/** Whether a user has no address yet, or the provider says another one than theirs, or vouches for it no longer. */
function isAnotherAddress({ email }: { email: string | null }, stated: StatedAddress | null): boolean {
  return email === null || (stated !== null && !(stated.verified && stated.address === email));
}

/**
 * People change their address at the provider, and verify it after their first sign-in. The former one goes where nobody vouches
 * for it any more: it may be somebody else's by now.
 *
 * @param usable what the provider says now, where it is verified, counts, and is no other user's
 * @returns the address to be written; null where there is none, or the former one stays
 */
async function followAddress(
  tx: Prisma.TransactionClient,
  { id, email }: { id: string; email: string | null },
  usable: string | null,
): Promise<string | null> {
  if (email === null) return usable;
  // Two identities of one user at once: each sees what the other says now.
  await lockUser(tx, id);
  return (await dropUnvouchedAddress(tx, id)) ? usable : null;
}

/**
 * Whether its time has come: whoever deletes it may be at it, and it is not to be undone. Where it was asked for at once, by no
 * clock: this sign-in may have begun before, and waited for that.
 */
function isBeingDeleted({
  deletionAskedAt,
  deletionDueAt,
}: {
  deletionAskedAt: Date | null;
  deletionDueAt: Date | null;
}) {
  if (!deletionDueAt) return false;
  return deletionDueAt <= new Date() || (deletionAskedAt !== null && deletionDueAt <= deletionAskedAt);
}

/** What the row of a linked identity keeps of its address. */
export function addressOf(stated: StatedAddress | null): { email: string | null; emailVerified: boolean } {
  return { email: stated?.address ?? null, emailVerified: stated?.verified ?? false };
}

/** Users who are locked out by it can do nothing, and cannot know why. */
function noteIssuerChanged({ id }: ProviderSettings): void {
  const cure = `If the provider has moved and its users are the same, set ${variablePrefix(id)}_FORMER_ISSUER to the issuer of before, or run npm run provider:move.`;
  log.error("provider.issuer_changed", { provider: id, cure });
}
