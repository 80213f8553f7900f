import "server-only";
import { type Attributes, metrics } from "@opentelemetry/api";

const meter = () => metrics.getMeter("daemun");

// Made when they are first used, which is after the start: of those made before the SDK is there, nothing would be heard.
const made = new Map<string, unknown>();

function once<T>(name: string, make: () => T): T {
  const instrument = (made.get(name) as T | undefined) ?? make();
  made.set(name, instrument);
  return instrument;
}

/** What is counted, with all that may be said of it: nothing that names a user, a session, an address or a text of others'. */
interface Counted {
  "daemun.audit.events": { event: string; outcome: string; reason?: string; provider?: string };
  /** `cause`: `timeout`, `connection`, `http_<status>`. */
  "daemun.webhook.attempts": { event: string; outcome: "delivered" | "failed" | "given_up"; cause?: string };
  "daemun.hook.calls": { hook: string; outcome: "success" | "refused" | "failed" };
}

/** Counts one more. */
export function count<Name extends keyof Counted>(name: Name, attributes: Counted[Name]): void {
  once(name, () => meter().createCounter(name)).add(1, { ...attributes });
}

/** Something that is there for a while: `by` 1 when it comes, -1 when it goes. */
export function move(name: "daemun.calls.open" | "daemun.audit.spooled" | "daemun.database.calls", by: 1 | -1): void {
  once(name, () => meter().createUpDownCounter(name)).add(by);
}

/** How long something took, in milliseconds; told in seconds, as OpenTelemetry has it. */
export function took(name: "daemun.lease.wait", ms: number, attributes: Attributes): void {
  const explicitBucketBoundaries = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  const make = () => meter().createHistogram(name, { unit: "s", advice: { explicitBucketBoundaries } });
  once(name, make).record(ms / 1000, attributes);
}

/** Asks `read` whenever metrics are collected. A failure leaves the value out. Called once at start. */
export function gauge(
  name: "daemun.sessions.active" | "daemun.webhooks.waiting",
  read: () => Promise<number> | number,
): void {
  meter()
    .createObservableGauge(name)
    .addCallback(async (result) => result.observe(await read()));
}
