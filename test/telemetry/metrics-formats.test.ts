import { describe, expect, test } from 'vitest';
import { createBoundedNames } from '../../server/telemetry/metrics/bounded-names.ts';
import { createCounter, createHistogram, type Metric } from '../../server/telemetry/metrics/instrument.ts';
import { otlpJson } from '../../server/telemetry/metrics/otlp-json.ts';
import { prometheusText } from '../../server/telemetry/metrics/prometheus-text.ts';

const NAME = { name: 'a.b', description: 'What it is.', unit: 's' };

function sample(): readonly Metric[] {
  const counter = createCounter({ ...NAME, name: 'calls', unit: '{call}' }, ['to.whom', 'why']);
  counter.add(['x"y\\z\n', ''], 2);
  counter.add(['x"y\\z\n', '']);
  const histogram = createHistogram(NAME, ['k'], [0.1, 1]);
  for (const value of [0.1, 0.5, 3]) histogram.record(['v'], value);
  return [counter.read(), histogram.read()];
}

describe("Prometheus's text format", () => {
  test('names, units, escapes and cumulative buckets are as it wants them', () => {
    expect(prometheusText(sample())).toBe(`# HELP calls_total What it is.
# TYPE calls_total counter
calls_total{to_whom="x\\"y\\\\z\\n"} 3
# HELP a_b_seconds What it is.
# TYPE a_b_seconds histogram
a_b_seconds_bucket{k="v",le="0.1"} 1
a_b_seconds_bucket{k="v",le="1"} 2
a_b_seconds_bucket{k="v",le="+Inf"} 3
a_b_seconds_sum{k="v"} 3.6
a_b_seconds_count{k="v"} 3
`);
  });
});

describe("OTLP's JSON form", () => {
  test('64-bit numbers are texts, and sums are counted since the start', () => {
    const text = otlpJson(sample(), { resource: { 'service.name': 'sluice' }, startedAtMs: 1000, nowMs: 2000 });
    const time = { startTimeUnixNano: '1000000000', timeUnixNano: '2000000000' };
    expect(JSON.parse(text)).toMatchObject({
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'sluice' } }] },
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'calls',
                  sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ ...time, asDouble: 3 }] },
                },
                {
                  name: 'a.b',
                  unit: 's',
                  histogram: {
                    aggregationTemporality: 2,
                    dataPoints: [
                      { ...time, count: '3', sum: 3.6, bucketCounts: ['1', '1', '1'], explicitBounds: [0.1, 1] },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe('what callers make up takes no more room than there is', () => {
  test('names beyond the bound are "other"', () => {
    const name = createBoundedNames(2);
    expect(['a', 'b', 'c', 'a', 'd'].map(name)).toEqual(['a', 'b', 'other', 'a', 'other']);
  });

  test('series beyond the bound fall into one', () => {
    const counter = createCounter(NAME, ['k']);
    for (let at = 0; at < 2100; at += 1) counter.add([String(at)]);
    const { points } = counter.read();
    expect(points).toHaveLength(2001);
    expect(points.at(-1)).toEqual({ attributes: { 'otel.metric.overflow': 'true' }, value: 100 });
  });
});
