import "server-only";
import { db } from "../db/client";
import { describeError, log } from "../http/log";
import { noteBrokenSeal } from "./broken-seal";
import { openToken } from "./seal";

// A token that ends while it is on its way is of no use.
const marginMs = 10_000;

/**
 * The access token that a session's sign-in brought, for the provider's own userinfo endpoint, or null when it is over
 * or does not open.
 *
 * @param sessionId the session's public id
 */
export async function findSignInToken(sessionId: string, now = new Date()): Promise<string | null> {
  const row = await db.accessToken.findFirst({
    where: {
      grant: { sessionId, endedAt: null },
      resource: "",
      organization: "",
      expiresAt: { gt: new Date(now.getTime() + marginMs) },
    },
    select: { id: true, sealedToken: true },
  });
  if (!row) return null;
  const owner = { table: "AccessToken", id: row.id, column: "token" } as const;
  try {
    return openToken(row.sealedToken, owner);
  } catch (error) {
    await noteBrokenSeal(error, owner);
    log.error("token.not_opened", { cause: describeError(error) });
    return null;
  }
}
