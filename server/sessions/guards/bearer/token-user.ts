import "server-only";
import { db } from "../../../db/client";
import type { AccessTokenClaims } from "../../../oidc/access-token";
import type { TokenUser } from "./caller";

/**
 * The user here whom an access token is about: null where there is none, and for a client that acts for itself, whose `sub` is
 * its own id (RFC 9068, section 2.2). Where clients choose their ids, one could choose a user's `sub` (RFC 9068, section 5; RFC
 * 9700, section 4.15). `refused` for a user who is disabled, or whose account is being deleted. One query, on each request: a
 * token lives on when a user is disabled.
 *
 * @throws what the database throws
 */
export async function findTokenUser(
  provider: string,
  { issuer, subject, clientId }: Pick<AccessTokenClaims, "issuer" | "subject" | "clientId">,
): Promise<TokenUser | "refused" | null> {
  if (subject === clientId) return null;
  const account = await db.account.findUnique({
    where: { provider_providerAccountId: { provider, providerAccountId: subject } },
    select: {
      issuer: true,
      user: { select: { id: true, name: true, email: true, disabledAt: true, deletionAskedAt: true } },
    },
  });
  if (!account) return null;
  const { disabledAt, deletionAskedAt, ...user } = account.user;
  if (disabledAt || deletionAskedAt) return "refused";
  // Another provider had this id before: whom it called so is somebody else.
  return account.issuer === issuer ? user : null;
}
