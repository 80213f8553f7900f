import "server-only";
import { db } from "../../../db/client";
import type { AccessTokenClaims } from "../../../oidc/access-token";
import type { TokenUser } from "./caller";

/**
 * The user here whom an access token is about: null where there is none. `refused` for one who is disabled, or whose account is
 * being deleted. One query, on each request: a token lives on when a user is disabled.
 *
 * @throws what the database throws
 */
export async function findTokenUser(
  provider: string,
  { issuer, subject }: Pick<AccessTokenClaims, "issuer" | "subject">,
): Promise<TokenUser | "refused" | null> {
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
