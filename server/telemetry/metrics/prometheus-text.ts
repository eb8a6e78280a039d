import type { Attributes, Metric } from './instrument.ts';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Units that are part of a metric's name; those in braces are not. */
const UNITS: Readonly<Record<string, string>> = { s: '_seconds' };

/**
 * Metrics in Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/), named as
 * OpenTelemetry's compatibility page says (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/):
 * dots become underscores, the unit and, for counters, "total" come last.
 */
export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map(familyText).join('');
}

function familyText(metric: Metric): string {
  const name = `${plainName(metric.name)}${UNITS[metric.unit] ?? ''}${metric.kind === 'counter' ? '_total' : ''}`;
  const head = `# HELP ${name} ${helpText(metric.description)}\n# TYPE ${name} ${metric.kind}\n`;
  return head + sampleLines(name, metric).join('');
}

function sampleLines(name: string, metric: Metric): readonly string[] {
  if (metric.kind !== 'histogram') {
    return metric.points.map(({ attributes, value }) => sample(name, attributes, value));
  }
  return metric.points.flatMap(({ attributes, count, sum, buckets }) => {
    let below = 0;
    const lines = buckets.map((held, at) => {
      below += held;
      const le = String(metric.bounds[at] ?? '+Inf');
      return sample(`${name}_bucket`, { ...attributes, le }, below);
    });
    return [...lines, sample(`${name}_sum`, attributes, sum), sample(`${name}_count`, attributes, count)];
  });
}

function sample(name: string, attributes: Attributes, value: number): string {
  const labels = Object.entries(attributes).map(([label, text]) => `${plainName(label)}="${labelText(text)}"`);
  return `${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${value}\n`;
}

function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}

function helpText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function labelText(text: string): string {
  return helpText(text).replaceAll('"', '\\"');
}
