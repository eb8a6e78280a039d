import type http from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Clock } from './core/clock.ts';
import { newId } from './core/ids.ts';
import { LIMITS } from './listener/limits.ts';
import type { RequestListener } from './listener/one-port.ts';

/** Fastify as all doors use it. Bodies that no door reads are left alone, whatever their type. */
export function createFastify(clock: Clock): FastifyInstance {
  const app = Fastify({
    bodyLimit: LIMITS.bodyBytes,
    genReqId: () => newId('req', clock.now()),
    routerOptions: { maxParamLength: 1024 },
    return503OnClosing: false,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  app.addHook('onRequest', async (request, reply) => {
    reply.raw.setHeader('x-request-id', request.id);
  });
  return app;
}

/** Fastify as a listener. Its types know one protocol at a time; its code serves both. */
export function asListener(app: FastifyInstance): RequestListener {
  return (request, response) => app.routing(request as http.IncomingMessage, response as http.ServerResponse);
}
