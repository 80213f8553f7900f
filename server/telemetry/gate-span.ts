import "server-only";
import { trace } from "@opentelemetry/api";
import type { GateNote } from "@/edge/gate-note";

/** The span of a gate that has decided, in the trace of its request where there is one yet. */
export function noteGate({ outcome, began, ended }: GateNote): void {
  const attributes = { "daemun.outcome": outcome };
  trace.getTracer("daemun").startSpan("daemun.gate", { startTime: began, attributes }).end(ended);
}
