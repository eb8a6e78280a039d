import { describe, expect, test } from 'vitest';
import { readOtlpTarget } from '../../server/otlp-settings.ts';

const ENDPOINT = 'http://localhost:4318';

describe("OpenTelemetry's variables", () => {
  test.each([
    ['nothing', {}, undefined],
    ['the shared endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: `${ENDPOINT}/` }, `${ENDPOINT}/v1/metrics`],
    ['the one of metrics', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${ENDPOINT}/x` }, `${ENDPOINT}/x`],
    ['the SDK off', { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, undefined],
    ['no exporter', { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_METRICS_EXPORTER: 'none' }, undefined],
  ])('with %s', (_, env, url) => {
    expect(readOtlpTarget(env)?.url).toBe(url);
  });

  test('headers, interval and name', () => {
    expect(
      readOtlpTarget({
        OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
        OTEL_EXPORTER_OTLP_HEADERS: 'Api-Key=a%20b, x=1%',
        OTEL_METRIC_EXPORT_INTERVAL: '5000',
        OTEL_SERVICE_NAME: 'edge',
      }),
    ).toMatchObject({ headers: { 'api-key': 'a b', x: '1%' }, intervalMs: 5000, serviceName: 'edge' });
  });

  test.each([
    ['an endpoint that is none', { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, 'it should be a URL'],
    ['gRPC', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'should be http/json'],
    ['headers that are none', { OTEL_EXPORTER_OTLP_HEADERS: 'a b' }, 'name=value pairs'],
    ['an interval that is none', { OTEL_METRIC_EXPORT_INTERVAL: '10s' }, 'at least 1000'],
  ])('%s is refused', (_, env, message) => {
    expect(() => readOtlpTarget({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, ...env })).toThrow(message);
  });

  test('a header that is refused does not show its value', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'secret value' };
    expect(() => readOtlpTarget(env)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
  });
});
