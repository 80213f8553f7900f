import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import type { Message } from "./signed-request";

/** A message that this instance alone sends now. */
export interface Claimed extends Message {
  /** Which attempt this is, from 1. */
  attempts: number;
}

// Longer than any attempt takes. One whose process died is sent by another after that.
const leaseSeconds = 60;

// Pauses after each failure, in seconds: three days in all, and past them it is given up.
const pauses = [5, 30, 120, 600, 1_800, 3_600, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;

/**
 * Takes the message that has waited longest, by the database's clock; null where none is due. Two instances take two.
 *
 * @param except events whose messages are left
 */
export async function claimNext(except: readonly string[] = []): Promise<Claimed | null> {
  const [claimed] = await db.$queryRaw<Claimed[]>`
    UPDATE "WebhookMessage" SET "attempts" = "attempts" + 1, "nextAttemptAt" = now() + ${leaseSeconds} * interval '1 second'
    WHERE "id" = (
      SELECT "id" FROM "WebhookMessage" WHERE "nextAttemptAt" <= now() AND "expiresAt" > now()
        AND "event" <> ALL(${except}::text[])
      ORDER BY "nextAttemptAt" LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING "id", "event", "data", "at", "attempts"`;
  return claimed ?? null;
}

/** Writes down that it was delivered. That somebody was deleted, nothing says any more. */
export async function settleDelivered({ id, event }: Claimed): Promise<void> {
  if (event === "account.deleted") {
    await db.$executeRaw`DELETE FROM "WebhookMessage" WHERE "id" = ${id}::uuid`;
    return;
  }
  await db.$executeRaw`
    UPDATE "WebhookMessage" SET "deliveredAt" = now(), "nextAttemptAt" = NULL, "lastFailure" = NULL,
      "expiresAt" = least("expiresAt", now() + interval '7 days')
    WHERE "id" = ${id}::uuid`;
}

/**
 * Writes down why it was not, and when it is tried again. One that another instance took meanwhile, or that was replayed, is
 * theirs.
 *
 * @returns whether it is given up
 */
export async function settleFailed({ id, attempts }: Claimed, cause: string): Promise<{ isGivenUp: boolean }> {
  const seconds = pauses[attempts - 1];
  // Up to a fifth more, so that what failed together does not come together again.
  const next =
    seconds === undefined
      ? Prisma.sql`NULL`
      : Prisma.sql`now() + ${seconds * (1 + Math.random() / 5)}::float8 * interval '1 second'`;
  const written = await db.$executeRaw`
    UPDATE "WebhookMessage" SET "nextAttemptAt" = ${next}, "lastFailure" = ${cause}
    WHERE "id" = ${id}::uuid AND "attempts" = ${attempts} AND "deliveredAt" IS NULL`;
  return { isGivenUp: seconds === undefined && written === 1 };
}

/** In how many milliseconds the next one is due, by the database's clock: 0 for now, null where none waits. */
export async function nextDueMs(): Promise<number | null> {
  const [row] = await db.$queryRaw<{ ms: number | null }[]>`
    SELECT (greatest(0, extract(epoch FROM min("nextAttemptAt") - now())) * 1000)::float8 AS ms
    FROM "WebhookMessage" WHERE "nextAttemptAt" IS NOT NULL AND "expiresAt" > now()`;
  return row?.ms ?? null;
}
