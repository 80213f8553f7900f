import "server-only";
import { db } from "../db/client";

/** What waits to be sent, and how it goes. */
export interface Outbox {
  waiting: number;
  /** How long the oldest that waits has been due without an attempt, in seconds; 0 where none is. */
  unsentSeconds: number;
  /** Of those that wait: how often the one was tried that was tried most, and why its last attempt failed. */
  attempts: number;
  lastFailure: string | null;
  /** Those that were given up, and whose rows are still there. */
  givenUp: number;
}

/** The state of the outbox, by the database's clock. */
export async function readOutbox(): Promise<Outbox> {
  const [outbox] = await db.$queryRaw<[Outbox]>`
    SELECT count(*) FILTER (WHERE "nextAttemptAt" IS NOT NULL)::int AS waiting,
      coalesce(extract(epoch FROM now() - min("nextAttemptAt") FILTER (WHERE "attempts" = 0 AND "nextAttemptAt" <= now())), 0)::int
        AS "unsentSeconds",
      coalesce(max("attempts") FILTER (WHERE "nextAttemptAt" IS NOT NULL), 0)::int AS attempts,
      (array_agg("lastFailure" ORDER BY "attempts" DESC) FILTER (WHERE "nextAttemptAt" IS NOT NULL AND "lastFailure" IS NOT NULL))[1]
        AS "lastFailure",
      count(*) FILTER (WHERE "nextAttemptAt" IS NULL AND "deliveredAt" IS NULL)::int AS "givenUp"
    FROM "WebhookMessage" WHERE "deliveredAt" IS NULL`;
  return outbox;
}
