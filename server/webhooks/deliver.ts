import "server-only";
import { auditAtOnce } from "../audit/audit";
import { log } from "../http/log";
import { env } from "../settings/env";
import type { WebhookSettings } from "../settings/webhook";
import { type Claimed, claimNext, settleDelivered, settleFailed } from "./claim";
import { send } from "./send";

// A slow receiver is asked by so many at a time, from each instance.
const atOnce = 4;

/** What a run did. `isAway`: it ended because the receiver takes nothing. */
export interface Delivered {
  delivered: number;
  failed: number;
  isAway: boolean;
}

/**
 * Sends what is due, until nothing is or `until` (milliseconds since 1970), but for the attempts under way. Ends at once where
 * the receiver is away: what waits then loses no attempt. Two at once, on any instances, share the work.
 *
 * @throws whatever the database says; what was sent by then, and not written down, is sent again
 */
export async function deliverDue(until: number): Promise<Delivered> {
  const { webhook, outboundTimeoutMs } = env();
  const run: Delivered = { delivered: 0, failed: 0, isAway: false };
  if (!webhook) return run;
  const one = async () => {
    const message = await claimNext();
    if (message) await deliver(message, webhook, outboundTimeoutMs, run);
    return message !== null;
  };
  // One by itself: while the receiver is away, no other attempt is spent on finding that out.
  if (!(await one())) return run;
  const work = async () => {
    while (Date.now() < until && !run.isAway && (await one())) {}
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return run;
}

async function deliver(message: Claimed, webhook: WebhookSettings, timeoutMs: number, run: Delivered): Promise<void> {
  const attempt = await send(message, webhook, timeoutMs);
  if (attempt.kind === "delivered") {
    await settleDelivered(message);
    run.delivered += 1;
    return;
  }
  run.failed += 1;
  run.isAway ||= attempt.isAway;
  const { isGivenUp } = await settleFailed(message, attempt.cause);
  const { id, event, attempts } = message;
  log.warn("webhook.not_delivered", { message: `msg_${id}`, webhook: event, attempts, cause: attempt.cause });
  if (!isGivenUp) return;
  await auditAtOnce({
    event: "webhook.failed",
    outcome: "failure",
    reason: attempt.cause === "timeout" ? "upstream_timeout" : "upstream_unavailable",
    detail: { message: `msg_${id}`, webhook: event, attempts, cause: attempt.cause },
  });
}
