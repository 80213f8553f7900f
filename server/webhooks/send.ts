import "server-only";
import { deadlineIn, onDeadline } from "../http/deadline";
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
    const timeout = new AbortController();
    const callOff = onDeadline(deadlineIn(timeoutMs), () => timeout.abort());
    try {
      const { body, headers } = signedRequest(message, { keys, now: new Date() });
      const response = await fetch(url, {
        method: "POST",
        headers,
        body,
        redirect: "manual",
        cache: "no-store",
        credentials: "omit",
        signal: timeout.signal,
      });
      tell({ "http.response.status_code": response.status });
      // However long it is, nobody wants it: this closes the connection.
      await response.body?.cancel().catch(() => {});
      if (response.ok) return { kind: "delivered" };
      return { kind: "failed", cause: `http_${response.status}`, isAway: awayStatuses.has(response.status) };
    } catch {
      return { kind: "failed", cause: timeout.signal.aborted ? "timeout" : "connection", isAway: true };
    } finally {
      callOff();
    }
  });
}
