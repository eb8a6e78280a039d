import type { OtlpTarget } from './telemetry/metrics/otlp-export.ts';

/**
 * Where metrics are sent, by OpenTelemetry's own variables
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/); undefined where no endpoint is named or OTEL_SDK_DISABLED
 * or OTEL_METRICS_EXPORTER=none turns it off. Throws an Error that names the variable and what it should be.
 */
export function readOtlpTarget(env: Readonly<Record<string, string | undefined>>): OtlpTarget | undefined {
  const own = env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT;
  const shared = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_METRICS_EXPORTER === 'none') return undefined;
  // Only the shared endpoint gets the path of metrics.
  const url = own ?? (shared === undefined ? undefined : `${shared.replace(/\/+$/, '')}/v1/metrics`);
  if (url === undefined) return undefined;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new Error(
      `OTEL_EXPORTER_OTLP_ENDPOINT is "${own ?? shared}"; it should be a URL such as http://localhost:4318`,
    );
  }
  const protocol = env.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol === 'grpc') {
    throw new Error('OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; it should be http/json, on the port for HTTP: 4318');
  }
  return {
    url,
    headers: readHeaders(env.OTEL_EXPORTER_OTLP_METRICS_HEADERS ?? env.OTEL_EXPORTER_OTLP_HEADERS ?? ''),
    intervalMs: readInterval(env.OTEL_METRIC_EXPORT_INTERVAL ?? '60000'),
    serviceName: env.OTEL_SERVICE_NAME ?? 'sluice',
  };
}

/** As in "api-key=secret,other=a%20b". The message does not repeat the text: it holds secrets. */
function readHeaders(text: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',').filter((one) => one.trim() !== '')) {
    const [, name, value] = /^\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*([^\r\n]*?)\s*$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) {
      throw new Error('OTEL_EXPORTER_OTLP_HEADERS should be name=value pairs with commas between them');
    }
    headers[name.toLowerCase()] = decoded(value);
  }
  return headers;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function readInterval(text: string): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= 1000) return value;
  throw new Error(`OTEL_METRIC_EXPORT_INTERVAL is "${text}"; it should be milliseconds, at least 1000`);
}
