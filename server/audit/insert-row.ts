import "server-only";
import { db } from "../db/client";
import type { AuditRow } from "./write-bounded";

/**
 * Writes a row by itself. Where its user was deleted meanwhile, nothing personal is written: a cookie that was kept, or a row
 * that waited for the database, would bring them back into a trail that they were erased from.
 *
 * One statement. It holds the user's row until it is committed: a deletion waits for that, and erases what was written, or
 * was there first.
 */
export async function insertRow(row: AuditRow): Promise<{ id: bigint; isUserGone: boolean }> {
  const { userId } = row;
  const { at, event, outcome, reason, sessionHash, provider, issuer, ip, userAgent, requestId, detail } = row;
  if (typeof userId !== "string") {
    // By hand, as below: every sign-in that begins waits for it.
    const [ofNobody] = await db.$queryRaw<{ id: bigint }[]>`
      INSERT INTO "AuditEvent" ("at", "event", "outcome", "reason", "sessionHash", "provider", "issuer", "requestId",
        "ip", "userAgent", "detail")
      VALUES (${at}::timestamptz, ${event}, ${outcome}, ${reason}, ${sessionHash}, ${provider}, ${issuer}, ${requestId},
        ${ip}, ${userAgent}, ${JSON.stringify(detail)}::jsonb)
      RETURNING "id"`;
    if (!ofNobody) throw new Error("PostgreSQL did not say which row it has written.");
    return { id: ofNobody.id, isUserGone: false };
  }
  const [written] = await db.$queryRaw<{ id: bigint; isUserGone: boolean }[]>`
    INSERT INTO "AuditEvent" ("at", "event", "outcome", "reason", "sessionHash", "provider", "issuer", "requestId",
      "userId", "ip", "userAgent", "detail")
    SELECT ${at}::timestamptz, ${event}, ${outcome}, ${reason}, ${sessionHash}, ${provider}, ${issuer}, ${requestId},
      known.id, CASE WHEN known.id IS NOT NULL THEN ${ip} END, CASE WHEN known.id IS NOT NULL THEN ${userAgent} END,
      CASE WHEN known.id IS NULL THEN '{}' ELSE ${JSON.stringify(detail)}::jsonb END
    FROM (SELECT 1) AS one
    LEFT JOIN (SELECT id FROM "User" WHERE id = ${userId}::uuid FOR KEY SHARE) AS known ON true
    RETURNING "id", "userId" IS NULL AS "isUserGone"`;
  if (!written) throw new Error("PostgreSQL did not say which row it has written.");
  return written;
}
