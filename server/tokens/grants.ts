import "server-only";
import { randomUUID } from "node:crypto";
import type { Prisma } from "@/prisma/generated/client";
import { openToken, sealToken } from "./seal";

/** What a token endpoint answered, after checking. Times are absolute. */
export interface TokenSet {
  accessToken: string;
  /** When the access token ends. */
  expiresAt: Date;
  scope: string;
  refreshToken: string | null;
  idToken: string;
}

/** Puts a sign-in's tokens into the vault as a grant that belongs to that session, sealed, in the caller's transaction. */
export async function depositGrant(
  tx: Prisma.TransactionClient,
  owner: { userId: string; sessionId: string; provider: string },
  tokens: TokenSet,
): Promise<void> {
  const id = randomUUID();
  const tokenId = randomUUID();
  await tx.grant.create({
    data: {
      ...owner,
      id,
      scope: tokens.scope,
      sealedIdToken: sealToken(tokens.idToken, { table: "Grant", id, column: "idToken" }),
      sealedRefreshToken:
        tokens.refreshToken === null
          ? null
          : sealToken(tokens.refreshToken, { table: "Grant", id, column: "refreshToken" }),
      accessTokens: {
        create: {
          id: tokenId,
          scope: tokens.scope,
          expiresAt: tokens.expiresAt,
          sealedToken: sealToken(tokens.accessToken, { table: "AccessToken", id: tokenId, column: "token" }),
        },
      },
    },
  });
}

/** A grant taken out of the vault for good: what is left to tell the provider. Null where a seal does not open. */
export interface WithdrawnGrant {
  sessionId: string | null;
  provider: string;
  scope: string;
  refreshToken: string | null;
  idToken: string | null;
}

/**
 * Ends the grants of these sessions and erases their tokens, in the caller's transaction. Answers what they held, so
 * that the provider can be told after the commit.
 */
export async function withdrawGrants(
  tx: Prisma.TransactionClient,
  sessionIds: readonly string[],
  reason: string,
): Promise<WithdrawnGrant[]> {
  const grants = await tx.grant.findMany({ where: { sessionId: { in: [...sessionIds] }, endedAt: null } });
  const ids = grants.map(({ id }) => id);
  await tx.accessToken.deleteMany({ where: { grantId: { in: ids } } });
  await tx.grant.updateMany({
    where: { id: { in: ids } },
    data: { endedAt: new Date(), endReason: reason, sealedRefreshToken: null, sealedIdToken: null },
  });
  return grants.map((grant) => ({
    sessionId: grant.sessionId,
    provider: grant.provider,
    scope: grant.scope,
    refreshToken: openOrNull(grant.sealedRefreshToken, grant.id, "refreshToken"),
    idToken: openOrNull(grant.sealedIdToken, grant.id, "idToken"),
  }));
}

// A token that does not open can be neither revoked nor hinted with; signing out has to go on without it.
function openOrNull(sealed: string | null, id: string, column: "refreshToken" | "idToken"): string | null {
  if (sealed === null) return null;
  try {
    return openToken(sealed, { table: "Grant", id, column });
  } catch {
    return null;
  }
}
