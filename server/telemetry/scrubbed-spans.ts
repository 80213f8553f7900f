import "server-only";
import type { Attributes } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-node";

// Next's own spans carry whole addresses, and with them authorization codes, states and return paths. What is not named here
// does not leave.
const told =
  /^(?:daemun\.[a-z._]+|next\.(?:span_type|route|rsc|segment|page|clientComponentLoadCount)|http\.(?:method|route|status_code|request\.method|response\.status_code)|server\.address|error\.type|operation\.name)$/;

/** Passes on ended spans with nothing in them that could name somebody or open something. */
export class ScrubbedSpans implements SpanProcessor {
  constructor(private readonly next: SpanProcessor) {}

  onStart(...given: Parameters<SpanProcessor["onStart"]>): void {
    this.next.onStart(...given);
  }

  onEnd(span: ReadableSpan): void {
    const events = span.events.map((event) => ({ ...event, attributes: keep(event.attributes ?? {}) }));
    const { code } = span.status;
    const scrubbed = { name: nameOf(span), attributes: keep(span.attributes), events, links: [], status: { code } };
    // A span's values are getters of its class: this one stands in front of it.
    this.next.onEnd(new Proxy(span, { get: (target, key) => Reflect.get(key in scrubbed ? scrubbed : target, key) }));
  }

  forceFlush(): Promise<void> {
    return this.next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.next.shutdown();
  }
}

function keep(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => told.test(name)));
}

/** Next names a span by the whole address where it knows no route. */
function nameOf({ name, attributes }: ReadableSpan): string {
  const route = attributes["http.route"] ?? attributes["next.route"];
  if (name.startsWith("daemun.")) return name;
  const kind = attributes["next.span_type"];
  return typeof route === "string" && name.endsWith(route) ? name : typeof kind === "string" ? kind : "request";
}
