import "server-only";

type Source = Readonly<Record<string, string | undefined>>;

/** Which of traces and metrics go to a collector, by OpenTelemetry's own variables. Everything else of theirs the SDK reads. */
export interface TelemetrySettings {
  traces: boolean;
  metrics: boolean;
  /** Milliseconds between two exports of metrics. */
  metricsEveryMs: number;
}

/** Reads them. Source: OpenTelemetry's "Environment Variable Specification". */
export function readTelemetry(source: Source): TelemetrySettings {
  const isOff = source.OTEL_SDK_DISABLED?.toLowerCase() === "true";
  const goes = (signal: "TRACES" | "METRICS") =>
    !isOff &&
    source[`OTEL_${signal}_EXPORTER`] !== "none" &&
    Boolean(source[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || source.OTEL_EXPORTER_OTLP_ENDPOINT);
  const every = Number(source.OTEL_METRIC_EXPORT_INTERVAL);
  return { traces: goes("TRACES"), metrics: goes("METRICS"), metricsEveryMs: every > 0 ? every : 60_000 };
}
