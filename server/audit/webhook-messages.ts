import "server-only";
import { randomUUID } from "node:crypto";
import type { Prisma } from "@/prisma/generated/client";
import { env } from "../settings/env";
import type { AuditRow } from "./write-bounded";

/** The events that a webhook is told of: those of users that are written in the transaction of what they record. */
export const webhookEvents = [
  "sign_in.succeeded",
  "sign_out",
  "sign_out.backchannel",
  "session.revoked",
  "session.expired",
  "session.new_device",
  "account.linked",
  "account.unlinked",
  "account.address_changed",
  "account.deletion_asked",
  "account.deletion_undone",
  "account.deleted",
  "service.connected",
  "service.disconnected",
] as const;

const known: ReadonlySet<string> = new Set(webhookEvents);

/** Whether a webhook is told of a row. */
export function isForWebhook({ event, outcome, userId }: AuditRow): boolean {
  return outcome === "success" && typeof userId === "string" && known.has(event);
}

// Named one by one: what an audit row says besides, such as a provider's subject or a place, stays here.
const told = ["first", "scope", "count", "sessions", "service", "due", "cause"] as const;

// Whoever is away for longer is told no more.
const keptMs = 30 * 86_400_000;

/**
 * Writes what the webhook is to be told of rows, in their transaction; nothing where there is none. Of a user who is gone by
 * now nothing is written.
 */
export async function writeWebhookMessages(tx: Prisma.TransactionClient, rows: readonly AuditRow[]): Promise<void> {
  if (!env().webhook) return;
  for (const row of rows) {
    if (!isForWebhook(row)) continue;
    const data = JSON.stringify(dataOf(row));
    const at = row.at as Date;
    const expiresAt = new Date(at.getTime() + keptMs);
    const id = randomUUID();
    // The receiver has to hear whom to delete. It is the last that is known of them, and goes once it is delivered.
    if (row.event === "account.deleted")
      await tx.$executeRaw`
        INSERT INTO "WebhookMessage" ("id", "event", "data", "at", "expiresAt")
        VALUES (${id}::uuid, ${row.event}, ${data}::jsonb, ${at}, ${expiresAt})`;
    else
      await tx.$executeRaw`
        INSERT INTO "WebhookMessage" ("id", "event", "userId", "data", "at", "expiresAt")
        SELECT ${id}::uuid, ${row.event}, known.id, ${data}::jsonb, ${at}::timestamptz, ${expiresAt}::timestamptz
        FROM (SELECT id FROM "User" WHERE id = ${row.userId}::uuid FOR KEY SHARE) AS known`;
  }
}

function dataOf({ userId, provider, sessionHash, reason, detail }: AuditRow): Record<string, unknown> {
  const more = told.flatMap((name) => (detail[name] === undefined ? [] : [[name, detail[name]] as const]));
  return {
    userId,
    ...(provider && { provider }),
    ...(sessionHash && { session: sessionHash }),
    ...(reason && { reason }),
    ...Object.fromEntries(more),
  };
}
