import "server-only";
import { db } from "../db/client";
import { describeError, log } from "../http/log";
import type { TokenOwner } from "../tokens/owner";

/** Notes that a connection was used, to the minute. A failure is a line in the log. */
export async function noteUse({ grantOwner }: TokenOwner): Promise<void> {
  if (!("service" in grantOwner)) return;
  const minuteAgo = new Date(Date.now() - 60_000);
  try {
    await db.grant.updateMany({
      where: { ...grantOwner, endedAt: null, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: minuteAgo } }] },
      data: { lastUsedAt: new Date() },
    });
  } catch (error) {
    log.warn("connection.use_not_noted", { cause: describeError(error) });
  }
}
