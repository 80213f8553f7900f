import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";

/** A message as an operator sees it. */
export interface QueuedMessage {
  id: string;
  event: string;
  at: Date;
  state: "waiting" | "failed" | "delivered";
  attempts: number;
  nextAttemptAt: Date | null;
  lastFailure: string | null;
}

const states = {
  waiting: Prisma.sql`"nextAttemptAt" IS NOT NULL`,
  failed: Prisma.sql`"nextAttemptAt" IS NULL AND "deliveredAt" IS NULL`,
  delivered: Prisma.sql`"deliveredAt" IS NOT NULL`,
} as const;

export type QueueState = keyof typeof states;

/** Whether a word is one of the states. */
export function isQueueState(word: string): word is QueueState {
  return Object.hasOwn(states, word);
}

/** How many messages are in each state. */
export async function countMessages(): Promise<Record<QueueState, number>> {
  const [counts] = await db.$queryRaw<[Record<QueueState, number>]>`
    SELECT count(*) FILTER (WHERE ${states.waiting})::int AS waiting,
      count(*) FILTER (WHERE ${states.failed})::int AS failed,
      count(*) FILTER (WHERE ${states.delivered})::int AS delivered FROM "WebhookMessage"`;
  return counts;
}

/** Up to `most` messages of a state, the oldest first. */
export function listMessages(state: QueueState, most: number): Promise<QueuedMessage[]> {
  return db.$queryRaw<QueuedMessage[]>`
    SELECT "id", "event", "at", ${state} AS state, "attempts", "nextAttemptAt", "lastFailure"
    FROM "WebhookMessage" WHERE ${states[state]} ORDER BY "at", "id" LIMIT ${most}`;
}

/**
 * Has messages sent once more, under the ids that they have, as if they had never been: those of a state, or those named.
 *
 * @returns how many there were
 */
export function replayMessages(which: QueueState | readonly string[]): Promise<number> {
  const chosen = typeof which === "string" ? states[which] : Prisma.sql`"id" = ANY(${[...which]}::uuid[])`;
  return db.$executeRaw`
    UPDATE "WebhookMessage" SET "attempts" = 0, "nextAttemptAt" = now(), "deliveredAt" = NULL,
      "expiresAt" = greatest("expiresAt", now() + interval '7 days')
    WHERE ${chosen}`;
}
