import type { Attributes, Metric } from './instrument.ts';

/** Whose metrics these are, and since when they are counted. Times are milliseconds since 1970. */
export interface OtlpSource {
  readonly resource: Attributes;
  readonly startedAtMs: number;
  readonly nowMs: number;
}

/** opentelemetry.proto.metrics.v1.AggregationTemporality: sums are counted since the start. */
const CUMULATIVE = 2;

/**
 * Metrics as an ExportMetricsServiceRequest in OTLP's JSON form: 64-bit numbers are texts, enums are numbers
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
 */
export function otlpJson(metrics: readonly Metric[], source: OtlpSource): string {
  const time = { startTimeUnixNano: nanos(source.startedAtMs), timeUnixNano: nanos(source.nowMs) };
  const scopeMetrics = [{ scope: { name: 'sluice' }, metrics: metrics.map((metric) => encodeMetric(metric, time)) }];
  return JSON.stringify({
    resourceMetrics: [{ resource: { attributes: encodeAttributes(source.resource) }, scopeMetrics }],
  });
}

type Time = Readonly<Record<'startTimeUnixNano' | 'timeUnixNano', string>>;

function encodeMetric(metric: Metric, time: Time): object {
  const { name, description, unit } = metric;
  if (metric.kind === 'histogram') {
    const dataPoints = metric.points.map(({ attributes, count, sum, buckets }) => ({
      ...time,
      attributes: encodeAttributes(attributes),
      count: String(count),
      sum,
      bucketCounts: buckets.map(String),
      explicitBounds: metric.bounds,
    }));
    return { name, description, unit, histogram: { dataPoints, aggregationTemporality: CUMULATIVE } };
  }
  const dataPoints = metric.points.map(({ attributes, value }) => ({
    ...time,
    attributes: encodeAttributes(attributes),
    asDouble: value,
  }));
  if (metric.kind === 'gauge') return { name, description, unit, gauge: { dataPoints } };
  return { name, description, unit, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } };
}

function encodeAttributes(attributes: Attributes): readonly object[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function nanos(milliseconds: number): string {
  return `${Math.round(milliseconds)}000000`;
}
