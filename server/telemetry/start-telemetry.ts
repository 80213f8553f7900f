import "server-only";
import type { TelemetrySettings } from "../settings/telemetry";

/**
 * Begins to send spans and metrics to a collector. The SDK is loaded only for that.
 *
 * @returns sends what is still kept here, say before the process ends
 */
export async function startTelemetry({
  traces,
  metrics,
  metricsEveryMs,
}: TelemetrySettings): Promise<() => Promise<void>> {
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
    "@opentelemetry/resources"
  );
  // What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say comes last, and counts.
  const resource = defaultResource()
    .merge(resourceFromAttributes({ "service.name": "daemun" }))
    .merge(detectResources({ detectors: [envDetector] }));
  const flushes: (() => Promise<void>)[] = [];
  if (traces) {
    const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { ScrubbedSpans }] = await Promise.all([
      import("@opentelemetry/sdk-trace-node"),
      import("@opentelemetry/exporter-trace-otlp-proto"),
      import("./scrubbed-spans"),
    ]);
    const spanProcessors = [new ScrubbedSpans(new BatchSpanProcessor(new OTLPTraceExporter()))];
    const provider = new NodeTracerProvider({ resource, spanProcessors });
    provider.register();
    flushes.push(() => provider.forceFlush());
  }
  if (metrics) {
    const [api, { MeterProvider, PeriodicExportingMetricReader }, { OTLPMetricExporter }] = await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-metrics"),
      import("@opentelemetry/exporter-metrics-otlp-proto"),
    ]);
    const reader = new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      exportIntervalMillis: metricsEveryMs,
      exportTimeoutMillis: Math.min(metricsEveryMs, 10_000),
    });
    const provider = new MeterProvider({ resource, readers: [reader] });
    api.metrics.setGlobalMeterProvider(provider);
    flushes.push(() => provider.forceFlush());
  }
  return async () => void (await Promise.allSettled(flushes.map((flush) => flush())));
}
