import type http from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from './core/clock.ts';
import { newId } from './core/ids.ts';
import { SluiceError } from './errors/sluice-error.ts';
import { LIMITS } from './listener/limits.ts';
import type { RequestListener } from './listener/one-port.ts';
import { errorFormatOf } from './rest/error-format.ts';
import { sendError } from './rest/send-error.ts';
import type { Logger } from './telemetry/logger.ts';

/** Fastify as all doors use it. Bodies that no door reads are left alone, whatever their type. */
export function createFastify(clock: Clock, logger: Logger): FastifyInstance {
  const app = Fastify({
    bodyLimit: LIMITS.bodyBytes,
    genReqId: () => newId('req', clock.now()),
    routerOptions: { maxParamLength: 1024 },
    return503OnClosing: false,
    // Paths that are not percent-encoded UTF-8; no hook has run for them.
    frameworkErrors: (_error, request, reply) => {
      tellRequestId(request, reply);
      const error = new SluiceError('INVALID_REQUEST', 'The path of the request is malformed.');
      sendError(reply, error, { logger, encodeError: errorFormatOf(request) });
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  app.addHook('onRequest', async (request, reply) => {
    // Before any check, so that refusals bear it too.
    tellRequestId(request, reply);
  });
  return app;
}

/** Where OpenAI's SDKs look for the id, and where Anthropic's do. */
function tellRequestId({ id }: FastifyRequest, { raw }: FastifyReply): void {
  raw.setHeader('x-request-id', id);
  raw.setHeader('request-id', id);
}

/** Fastify as a listener. Its types know one protocol at a time; its code serves both. */
export function asListener(app: FastifyInstance): RequestListener {
  return (request, response) => app.routing(request as http.IncomingMessage, response as http.ServerResponse);
}
