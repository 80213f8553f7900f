import "server-only";
import { deadlineIn } from "../http/deadline";
import { FetchFault, fetchBounded } from "../http/fetch-bounded";
import type { WebhookSettings } from "../settings/webhook";
import { traced } from "../telemetry/spans";
import { type Message, signedRequest } from "./signed-request";

/** What came of one attempt. `isAway`: the receiver takes nothing now, this message or another. */
export type Attempt = { kind: "delivered" } | { kind: "failed"; cause: string; isAway: boolean };

// Answers that speak of the receiver, and not of this message.
const awayStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Sends a message once. A 2xx delivers it; redirects are not followed, and no body is read. Never throws. */
export function send(message: Message, { url, keys }: WebhookSettings, timeoutMs: number): Promise<Attempt> {
  const facts = { "server.address": new URL(url).host, "http.request.method": "POST" };
  return traced("daemun.webhook", facts, async (tell) => {
    try {
      const { body, headers } = signedRequest(message, { keys, now: new Date() });
      const { status } = await fetchBounded(url, {
        method: "POST",
        headers,
        body,
        deadline: deadlineIn(timeoutMs),
        mostBytes: () => 0,
      });
      tell({ "http.response.status_code": status });
      if (status >= 200 && status < 300) return { kind: "delivered" };
      return { kind: "failed", cause: `http_${status}`, isAway: awayStatuses.has(status) };
    } catch (fault) {
      const cause = fault instanceof FetchFault ? fault.kind : "connection";
      return { kind: "failed", cause, isAway: true };
    }
  });
}
