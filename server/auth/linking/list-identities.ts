import "server-only";
import { db } from "../../db/client";
import type { ActiveSession } from "../../sessions/registry/active-session";
import { trustsAddress } from "../../sessions/registry/policy";
import { canSignIn } from "./unlink-identity";

/** A linked identity as its user may see it. */
export interface ListedIdentity {
  /** The provider's id. */
  provider: string;
  /** As the provider said it last; null where it said none, or nobody has signed in with it since that is kept. */
  email: string | null;
  /** As it counts here: an address of a provider that configuration does not trust with it never does. */
  emailVerified: boolean;
  addedAt: Date;
  /** Null where nobody has signed in with it yet. */
  lastUsedAt: Date | null;
  /** Whether this session was opened with it. */
  isCurrent: boolean;
  /** Whether its provider is still set up. */
  isUsable: boolean;
  /** Whether its user could sign in without it. */
  isRemovable: boolean;
}

/** The identities of this session's user, the oldest first: one query. */
export async function listIdentities(session: ActiveSession): Promise<ListedIdentity[]> {
  const rows = await db.account.findMany({
    where: { userId: session.user.id },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  return rows.map(
    ({ provider, providerAccountId: subject, issuer, email, emailVerified, createdAt, lastSignInAt }) => ({
      provider,
      email,
      emailVerified: emailVerified === true && email !== null && trustsAddress(provider, email),
      addedAt: createdAt,
      lastUsedAt: lastSignInAt,
      isCurrent: provider === session.provider && subject === session.subject,
      isUsable: canSignIn({ provider, issuer }),
      isRemovable: rows.some((other) => other.provider !== provider && canSignIn(other)),
    }),
  );
}
