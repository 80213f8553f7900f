import "server-only";
import { auditAtOnce } from "../audit/audit";
import { log } from "../http/log";
import { env } from "../settings/env";
import type { WebhookSettings } from "../settings/webhook";
import { count } from "../telemetry/meters";
import { type Claimed, claimNext, settleDelivered, settleFailed } from "./claim";
import { send } from "./send";

// A slow receiver is asked by so many at a time, from each instance.
const atOnce = 4;

/** What a run did. `isAway`: the receiver took nothing in it. */
export interface Delivered {
  delivered: number;
  failed: number;
  isAway: boolean;
}

/**
 * Sends what is due, until nothing is or `until` (milliseconds since 1970), but for the attempts under way. Where the receiver is
 * away, one message of each event finds that out, and what waits loses no attempt. One that takes some events and not others is
 * not away: it is told what it takes. Two at once, on any instances, share the work.
 *
 * @throws whatever the database says; what was sent by then, and not written down, is sent again
 */
export async function deliverDue(until: number): Promise<Delivered> {
  const { webhook, outboundTimeoutMs } = env();
  const run: Delivered = { delivered: 0, failed: 0, isAway: false };
  if (!webhook) return run;
  const attempt = (message: Claimed) => deliver(message, webhook, outboundTimeoutMs, run);
  // As long as something arrives: a message that does not is behind those that wait, by its own pause.
  for (;;) {
    const before = run.delivered;
    const refused = await deliverRound(attempt, until);
    if (refused && run.delivered > before && Date.now() < until) continue;
    run.isAway = refused && run.delivered === 0;
    return run;
  }
}

type Settled = "delivered" | "failed" | "away";

/** Sends what is due, but nothing more of an event once the receiver was away for it. Returns whether it was for any. */
async function deliverRound(attempt: (message: Claimed) => Promise<Settled>, until: number): Promise<boolean> {
  const refused = new Set<string>();
  const one = async () => {
    const message = await claimNext([...refused]);
    if (!message) return null;
    const settled = await attempt(message);
    if (settled === "away") refused.add(message.event);
    return settled;
  };
  // One by itself: while the receiver is away, no other attempt is spent on finding that out.
  let first = await one();
  while (first === "away" && Date.now() < until) first = await one();
  const work = async () => {
    while (Date.now() < until && (await one()) !== null) {}
  };
  if (first === "delivered" || first === "failed") await Promise.all(Array.from({ length: atOnce }, work));
  return refused.size > 0;
}

async function deliver(
  message: Claimed,
  webhook: WebhookSettings,
  timeoutMs: number,
  run: Delivered,
): Promise<Settled> {
  const attempt = await send(message, webhook, timeoutMs);
  if (attempt.kind === "delivered") {
    await settleDelivered(message);
    count("daemun.webhook.attempts", { event: message.event, outcome: "delivered" });
    run.delivered += 1;
    return "delivered";
  }
  run.failed += 1;
  const settled = attempt.isAway ? "away" : "failed";
  const { isGivenUp } = await settleFailed(message, attempt.cause);
  const { id, event, attempts } = message;
  count("daemun.webhook.attempts", { event, outcome: isGivenUp ? "given_up" : "failed", cause: attempt.cause });
  log.warn("webhook.not_delivered", { message: `msg_${id}`, webhook: event, attempts, cause: attempt.cause });
  if (!isGivenUp) return settled;
  await auditAtOnce({
    event: "webhook.failed",
    outcome: "failure",
    reason: attempt.cause === "timeout" ? "upstream_timeout" : "upstream_unavailable",
    detail: { message: `msg_${id}`, webhook: event, attempts, cause: attempt.cause },
  });
  return settled;
}
