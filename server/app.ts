import type { FastifyInstance } from 'fastify';
import { file_google_rpc_error_details } from '../gen/google/rpc/error_details_pb.ts';
import { Health } from '../gen/grpc/health/v1/health_pb.ts';
import { ServerReflection } from '../gen/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../gen/grpc/reflection/v1alpha/reflection_pb.ts';
import { ConfigService } from '../gen/sluice/admin/v1/config_service_pb.ts';
import { KeyService } from '../gen/sluice/admin/v1/key_service_pb.ts';
import { ChatService } from '../gen/sluice/v1/chat_service_pb.ts';
import { EmbeddingService } from '../gen/sluice/v1/embedding_service_pb.ts';
import { file_sluice_v1_error } from '../gen/sluice/v1/error_pb.ts';
import { ModelService } from '../gen/sluice/v1/model_service_pb.ts';
import { RoutingService } from '../gen/sluice/v1/routing_service_pb.ts';
import type { ConfigDeps } from './admin/admit-admin.ts';
import type { KeyDeps } from './admin/key-access.ts';
import { createKeyBook, type KeyBook } from './auth/key-book.ts';
import { withStoredKeys } from './config/with-stored-keys.ts';
import { createReadiness, type Readiness } from './core/readiness.ts';
import { asListener, createFastify } from './fastify.ts';
import { createBodyBudget } from './listener/body-budget.ts';
import { refuseBadTarget } from './listener/check-target.ts';
import { applyCors } from './listener/cors.ts';
import { refuseLargeHeaders } from './listener/header-size.ts';
import { LIMITS } from './listener/limits.ts';
import { createOnePort, type OnePort, type TlsFiles } from './listener/one-port.ts';
import { answerUnknownPaths } from './not-found.ts';
import type { ChatDeps } from './pipeline/chat.ts';
import type { LiveCalls } from './pipeline/live-call.ts';
import { anthropicApi } from './rest/anthropic.ts';
import { geminiApi } from './rest/gemini.ts';
import { metricsPage } from './rest/metrics-page.ts';
import { openAiApi } from './rest/openai.ts';
import { createRoutingState, type RoutingState } from './routing/routing-state.ts';
import type { RpcListener } from './rpc/adapter/rpc-listener.ts';
import { chatService } from './rpc/chat-service.ts';
import { configService } from './rpc/config-service.ts';
import { registerConnect } from './rpc/connect-plugin.ts';
import { createDescriptorIndex } from './rpc/descriptor-index.ts';
import { embeddingService } from './rpc/embedding-service.ts';
import { healthService } from './rpc/health-service.ts';
import { keyService } from './rpc/key-service.ts';
import { modelService } from './rpc/model-service.ts';
import { reflectionService, reflectionServiceAlpha } from './rpc/reflection-service.ts';
import { admitKnown, refuseStrangers } from './rpc/refuse-strangers.ts';
import { routingService } from './rpc/routing-service.ts';
import { validateRequests } from './rpc/validate-requests.ts';
import { createMemoryKeys } from './stores/memory/memory-keys.ts';
import type { Logger } from './telemetry/logger.ts';
import { createGatewayMetrics, type GatewayMetrics } from './telemetry/metrics/gateway-metrics.ts';

export interface AppDeps extends Omit<ChatDeps, 'routing'>, ConfigDeps {
  /** Unset: this process's own memory. */
  readonly routing?: RoutingState;
  /** The keys that calls make. Unset: they end with the process. */
  readonly keys?: KeyBook;
  readonly liveCalls: LiveCalls;
  readonly logger: Logger;
  readonly tls?: TlsFiles;
}

/** The gateway, put together. */
export interface App {
  readonly port: OnePort;
  /** What /readyz and grpc.health.v1.Health say. */
  readonly readiness: Readiness;
  readonly metrics: Pick<GatewayMetrics, 'read'>;
}

/** All that RPC clients can call. */
const SERVICES = [
  ConfigService,
  KeyService,
  ChatService,
  EmbeddingService,
  ModelService,
  RoutingService,
  Health,
  ServerReflection,
  ServerReflectionAlpha,
];

/** What stands in errors, which no service names. */
const ERROR_FILES = [file_sluice_v1_error, file_google_rpc_error_details];

/** All doors on one port. */
export async function createApp(given: AppDeps): Promise<App> {
  const routing = given.routing ?? createRoutingState(given.clock, given.random);
  const metrics = createGatewayMetrics(given.clock, routing.health);
  const keys = given.keys ?? createKeyBook(createMemoryKeys(), given.clock, []);
  const config = withStoredKeys(given.config, keys);
  const keeper = { ...given.keeper, holder: withStoredKeys(given.keeper.holder, keys) };
  const deps = { ...given, config, keeper, keys, routing, ledger: metrics.metered(given.ledger) };
  const readiness = createReadiness();
  const app = createFastify(deps.clock, deps.logger);
  const serve = asListener(app);
  const refuseForWantOfRoom = createBodyBudget(LIMITS.heldBodyBytes);
  const port = createOnePort((request, response) => {
    if (!readiness.ready && request.httpVersionMajor === 1) response.setHeader('connection', 'close');
    if (refuseLargeHeaders(request, response) || refuseBadTarget(request, response)) return;
    if (refuseForWantOfRoom(request, response)) return;
    if (applyCors(deps.config.current().corsOrigins, request, response)) return;
    if (!rpc(request, response)) serve(request, response);
  }, deps.tls);
  answerProbes(app, readiness);
  answerUnknownPaths(app, deps.logger);
  await app.register(metricsPage({ ...deps, metrics }));
  await app.register(anthropicApi({ ...deps, bodyBytes: LIMITS.bodyBytes, jsonDepth: LIMITS.jsonDepth }));
  await app.register(geminiApi({ ...deps, bodyBytes: LIMITS.bodyBytes, jsonDepth: LIMITS.jsonDepth }));
  await app.register(openAiApi({ ...deps, bodyBytes: LIMITS.bodyBytes, jsonDepth: LIMITS.jsonDepth }));
  const rpc = await registerRpc(app, deps, { port, readiness });
  await app.ready();
  return { port, readiness, metrics };
}

/** /healthz: the process lives. /readyz: it has a configuration and takes calls. */
function answerProbes(app: FastifyInstance, readiness: Readiness): void {
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/readyz', (_request, reply) =>
    readiness.ready ? reply.send({ status: 'ready' }) : reply.code(503).send({ status: 'not ready' }),
  );
}

async function registerRpc(
  app: FastifyInstance,
  deps: AppDeps & ChatDeps & KeyDeps,
  { port, readiness }: Pick<App, 'port' | 'readiness'>,
): Promise<RpcListener> {
  // Health and reflection hold no secret: the contract is public, and probes have no keys.
  refuseStrangers(app, deps, { prefix: '/sluice.' });
  const index = createDescriptorIndex(SERVICES, ERROR_FILES);
  return registerConnect(app, {
    routes(router) {
      router.service(ConfigService, configService(deps));
      router.service(KeyService, keyService(deps));
      router.service(ChatService, chatService(deps));
      router.service(EmbeddingService, embeddingService(deps));
      router.service(ModelService, modelService(deps));
      router.service(RoutingService, routingService({ ...deps, draining: port.draining }));
      router.service(Health, healthService({ readiness, services: index.services, draining: port.draining }));
      router.service(ServerReflection, reflectionService(index));
      router.service(ServerReflectionAlpha, reflectionServiceAlpha(index));
    },
    clock: deps.clock,
    admit: admitKnown(deps),
    check: validateRequests(),
    readMaxBytes: LIMITS.bodyBytes,
    readMaxElements: LIMITS.messageElements,
    writeMaxBytes: LIMITS.answerBytes,
    maxTimeoutMs: LIMITS.maxDeadlineMs,
  });
}
