import type http from 'node:http';
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import { ChatService } from '../gen/sluice/v1/chat_service_pb.ts';
import { EmbeddingService } from '../gen/sluice/v1/embedding_service_pb.ts';
import { ModelService } from '../gen/sluice/v1/model_service_pb.ts';
import { newId } from './core/ids.ts';
import { chatDoorCodec } from './dialects/registry.ts';
import { SluiceError } from './errors/sluice-error.ts';
import { applyCors } from './listener/cors.ts';
import { LIMITS } from './listener/limits.ts';
import { createOnePort, type OnePort, type TlsFiles } from './listener/one-port.ts';
import type { ChatDeps } from './pipeline/chat.ts';
import type { LiveCalls } from './pipeline/live-call.ts';
import { openAiApi } from './rest/openai.ts';
import { sendError } from './rest/send-error.ts';
import { chatService } from './rpc/chat-service.ts';
import { embeddingService } from './rpc/embedding-service.ts';
import { modelService } from './rpc/model-service.ts';
import { assignRequestId } from './rpc/request-id.ts';
import { validateRequests } from './rpc/validate-requests.ts';
import type { Logger } from './telemetry/logger.ts';

export interface AppDeps extends ChatDeps {
  readonly liveCalls: LiveCalls;
  readonly logger: Logger;
  readonly tls?: TlsFiles;
}

/** The gateway, put together. */
export interface App {
  readonly port: OnePort;
  /** What /readyz says. */
  readiness: { ready: boolean };
}

/** All doors on one port. */
export async function createApp(deps: AppDeps): Promise<App> {
  const readiness = { ready: false };
  const app = Fastify({
    bodyLimit: LIMITS.bodyBytes,
    genReqId: () => newId('req', deps.clock.now()),
    routerOptions: { maxParamLength: 1024 },
    return503OnClosing: false,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.raw.setHeader('x-request-id', request.id);
    // Answers are for their caller alone, and no two are alike.
    reply.header('cache-control', 'no-store');
  });
  health(app, readiness);
  notFound(app, deps.logger);
  await app.register(openAiApi({ ...deps, bodyBytes: LIMITS.bodyBytes, jsonDepth: LIMITS.jsonDepth }));
  await app.register(fastifyConnectPlugin, {
    routes(router) {
      router.service(ChatService, chatService(deps));
      router.service(EmbeddingService, embeddingService(deps));
      router.service(ModelService, modelService(deps));
    },
    interceptors: [assignRequestId(deps.clock), validateRequests()],
    readMaxBytes: LIMITS.bodyBytes,
    writeMaxBytes: LIMITS.answerBytes,
    maxTimeoutMs: LIMITS.maxDeadlineMs,
  });
  await app.ready();
  const port = createOnePort((request, response) => {
    if (!readiness.ready && request.httpVersionMajor === 1) response.setHeader('connection', 'close');
    if (applyCors(deps.config.current().corsOrigins, request, response)) return;
    // Fastify's types know one protocol at a time; its code serves both.
    app.routing(request as http.IncomingMessage, response as http.ServerResponse);
  }, deps.tls);
  return { port, readiness };
}

/** /healthz: the process lives. /readyz: it has a configuration and takes calls. */
function health(app: FastifyInstance, readiness: { readonly ready: boolean }): void {
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/readyz', (_request, reply) =>
    readiness.ready ? reply.send({ status: 'ready' }) : reply.code(503).send({ status: 'not ready' }),
  );
}

/** Unknown paths, in the words of whoever asks: gRPC clients want a status of theirs, not a page. */
function notFound(app: FastifyInstance, logger: Logger): void {
  const { encodeError } = chatDoorCodec('openai-chat');
  app.setNotFoundHandler((request, reply) => {
    const message = `Unknown request URL: ${request.method} ${request.url.split('?')[0]}`;
    if (request.headers['content-type']?.startsWith('application/grpc') === true) {
      return reply
        .code(200)
        .header('content-type', request.headers['content-type'])
        .header('grpc-status', '12')
        .header('grpc-message', encodeURI(message))
        .send('');
    }
    return sendError(reply, new SluiceError('UNKNOWN_ENDPOINT', message), { logger, encodeError });
  });
}
