import "server-only";
import { createHmac } from "node:crypto";

/** What is sent of a message; `data` says whose it is. */
export interface Message {
  id: string;
  event: string;
  data: unknown;
  at: Date;
}

/**
 * Body and headers of a message, as Standard Webhooks (standardwebhooks.com) has them: `webhook-id` is the message's own and the
 * same at every attempt, `webhook-timestamp` is this attempt's in UNIX seconds, `webhook-signature` has one `v1` for each key.
 */
export function signedRequest(
  { id, event, data, at }: Message,
  { keys, now }: { keys: readonly Buffer[]; now: Date },
): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify({ type: event, timestamp: at.toISOString(), data });
  const name = `msg_${id}`;
  const seconds = String(Math.floor(now.getTime() / 1000));
  const signed = `${name}.${seconds}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  return {
    body,
    headers: {
      "Content-Type": "application/json",
      "User-Agent": "Daemun-Webhooks",
      "webhook-id": name,
      "webhook-timestamp": seconds,
      "webhook-signature": signatures.join(" "),
    },
  };
}
