import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "./client";

/** The tables whose rows have an end, and the column that says when. */
export const expiring = {
  Session: "expires",
  AccessToken: "expiresAt",
  SpentState: "expiresAt",
  LogoutToken: "expiresAt",
  RateLimit: "expiresAt",
  Revocation: "expiresAt",
  ReturnPath: "expiresAt",
  Device: "lastSeenAt",
  WebhookMessage: "expiresAt",
  AuditEvent: "at",
} as const;

/** Those whose rows go one by one. Of the audit trail whole months go, see `server/audit/retention.ts`. */
type Deletable = Exclude<keyof typeof expiring, "AuditEvent">;

/**
 * Deletes up to `batch` rows that ended before `before`, oldest first. Rows that somebody is using now are passed over,
 * so that nobody waits for this and two of it do not meet.
 *
 * @returns how many were deleted
 */
export function deleteExpired(table: Deletable, before: Date, batch: number): Promise<number> {
  const name = Prisma.raw(`"${table}"`);
  const column = Prisma.raw(`"${expiring[table]}"`);
  // A session goes only after its end was written down.
  const isOver = table === "Session" ? Prisma.sql`AND "endedAt" IS NOT NULL` : Prisma.empty;
  return db.$executeRaw`
    DELETE FROM ${name} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${name} WHERE ${column} < ${before} ${isOver} ORDER BY ${column} LIMIT ${batch} FOR UPDATE SKIP LOCKED))`;
}
