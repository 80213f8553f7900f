import "server-only";
import { databaseFailureCode } from "../db/unavailable";
import { env } from "../settings/env";
import { readOutbox } from "../webhooks/outbox";
import { type Finding, found } from "./findings";

// Tried three times, it has been away for minutes: one lost attempt is nothing to look after.
const attemptsThatTell = 3;
// Sent once a response has gone out; by the clean-up where a process died before.
const unsentSecondsThatTell = 15 * 60;

/** Whether webhooks arrive; nothing where none are sent, and where the database is away, which is a finding of its own. */
export async function examineWebhooks(): Promise<Finding[]> {
  const { webhook } = env();
  if (!webhook) return [];
  try {
    const { waiting, unsentSeconds, attempts, lastFailure, givenUp } = await readOutbox();
    const facts = { waiting, host: new URL(webhook.url).host };
    const all: Finding[] = [];
    if (attempts >= attemptsThatTell)
      all.push(found("webhooksFailing", { ...facts, attempts, cause: lastFailure ?? "timeout" }));
    if (unsentSeconds >= unsentSecondsThatTell)
      all.push(found("webhooksUnsent", { ...facts, minutes: Math.floor(unsentSeconds / 60) }));
    if (givenUp > 0) all.push(found("webhooksGivenUp", { ...facts, count: givenUp }));
    return all.length > 0 ? all : [found("webhooksSent", facts)];
  } catch (error) {
    if (databaseFailureCode(error) === "internal_error") throw error;
    return [];
  }
}
