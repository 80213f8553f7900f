import "server-only";
import { audited } from "../../audit/audit";
import { db } from "../../db/client";
import type { ActiveSession } from "../../sessions/registry/active-session";
import type { ProviderSettings } from "../../settings/providers";
import type { VerifiedSignIn } from "../next-auth/exchange-code";
import { addressOf } from "../sign-in/find-user";
import { profileOf } from "../sign-in/profile";
import { holdUser } from "./hold-user";
import { LinkingError } from "./linking-failure";

/** Whether the session's user has an account of a provider linked. */
export async function hasIdentity({ user }: ActiveSession, provider: string): Promise<boolean> {
  return (await db.account.count({ where: { userId: user.id, provider } })) > 0;
}

/**
 * Gives the session's user one more identity to sign in with, with its audit row. One that is theirs already stays as it is. Of
 * two users who link the same one at once, the constraint lets one through.
 *
 * @throws LinkingError `identity_in_use` where it is another user's; `identity_mismatch` where this user has another account of
 *   that provider; whatever {@link holdUser} throws
 */
export function linkIdentity(
  session: ActiveSession,
  provider: ProviderSettings,
  { idToken, userInfo }: VerifiedSignIn,
): Promise<void> {
  const { id: userId } = session.user;
  const { sub, iss: issuer } = idToken;
  const identity = { provider: provider.id, providerAccountId: sub };
  return audited(async (tx, audit) => {
    await holdUser(tx, session);
    const own = await tx.account.findMany({ where: { userId, provider: provider.id } });
    if (own.some((account) => account.providerAccountId === sub && account.issuer === issuer)) return;
    // One account of each provider. One that is ours with another issuer is of another provider under the same id.
    if (own.length > 0) throw new LinkingError("identity_mismatch", "other_account");
    const type = provider.oauth2 ? "oauth" : "oidc";
    const { stated } = profileOf(provider, idToken, userInfo);
    // Nobody asks first whether it is there: whoever asks at the same time would hear the same.
    const { count } = await tx.account.createMany({
      data: [{ ...identity, userId, type, issuer, ...addressOf(stated) }],
      skipDuplicates: true,
    });
    if (count === 0) throw new LinkingError("identity_in_use", "other_user");
    await audit({
      event: "account.linked",
      outcome: "success",
      userId,
      sessionHash: session.hash,
      provider: provider.id,
      issuer,
      detail: { sub },
    });
  });
}
