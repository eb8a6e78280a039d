import type { FastifyPluginCallback } from 'fastify';
import { authenticate } from '../auth/authenticate.ts';
import { requireRole } from '../auth/role.ts';
import type { SnapshotHolder } from '../config/snapshot.ts';
import { chatDoorCodec } from '../dialects/registry.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { GatewayMetrics } from '../telemetry/metrics/gateway-metrics.ts';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '../telemetry/metrics/prometheus-text.ts';
import { restCaller } from './rest-call.ts';
import { sendError } from './send-error.ts';

export interface MetricsPageDeps {
  readonly config: SnapshotHolder;
  readonly logger: Logger;
  readonly metrics: Pick<GatewayMetrics, 'read'>;
}

/**
 * GET /metrics in Prometheus's text format, for keys with the role OPERATOR: metrics tell what an organisation calls and how
 * much. Not even this machine is excepted, for behind a proxy every caller seems to be on it.
 */
export function metricsPage({ config, logger, metrics }: MetricsPageDeps): FastifyPluginCallback {
  const { encodeError } = chatDoorCodec('openai-chat');
  return (app, _options, done) => {
    app.setErrorHandler((error, _request, reply) => sendError(reply, error, { logger, encodeError }));
    app.get('/metrics', async (request, reply) => {
      reply.header('cache-control', 'no-store');
      requireRole(authenticate(config.current().keys, restCaller(request).keySha256), 'OPERATOR', 'GET /metrics');
      return reply.type(PROMETHEUS_CONTENT_TYPE).send(prometheusText(metrics.read()));
    });
    done();
  };
}
