import "server-only";
import { type Attributes, type Span, SpanStatusCode, trace } from "@opentelemetry/api";

/**
 * What a span of this app may say of itself. None names a user, a session or an address with a query.
 *
 * Source: OpenTelemetry's semantic conventions, where they have a name for it.
 */
export type SpanFacts = Partial<
  Record<
    | "daemun.provider"
    | "daemun.service"
    | "daemun.outcome"
    | "daemun.lease.wait_ms"
    | "server.address"
    | "http.request.method"
    | "http.response.status_code",
    string | number
  >
>;

/** Runs `work` as a span. Without a collector this costs a function call. What it throws is told by its code alone. */
export function traced<T>(name: string, facts: SpanFacts, work: (tell: (facts: SpanFacts) => void) => Promise<T>) {
  return trace.getTracer("daemun").startActiveSpan(name, { attributes: facts as Attributes }, async (span: Span) => {
    try {
      return await work((more) => void span.setAttributes(more as Attributes));
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", kindOf(error));
      throw error;
    } finally {
      span.end();
    }
  }) as Promise<T>;
}

/** The trace that is being written, for the log; absent without one. */
export function currentTraceId(): string | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  return context && context.traceFlags !== 0 ? context.traceId : undefined;
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
