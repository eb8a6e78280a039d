import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SluiceError } from './errors/sluice-error.ts';
import { errorFormatOf } from './rest/error-format.ts';
import { sendError } from './rest/send-error.ts';
import type { Logger } from './telemetry/logger.ts';

/** The path of an RPC: /package.Service/Method. */
const RPC_PATH = /^\/(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*\/[A-Za-z_]\w*$/;

/**
 * Unknown paths, and methods that a path does not have, in the words of whoever asks: RPC clients want a status of theirs,
 * not a page. To be called before there are routes.
 */
export function answerUnknownPaths(app: FastifyInstance, logger: Logger): void {
  const methodsAt = rememberRoutes(app);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const message = `Unknown request URL: ${request.method} ${path}`;
    if (request.headers['content-type']?.startsWith('application/grpc') === true) {
      return unknownToGrpc(request, reply, message);
    }
    // https://connectrpc.com/docs/protocol#error-end-stream: before a stream has begun, errors are JSON for all kinds.
    if (RPC_PATH.test(path)) return reply.code(404).send({ code: 'unimplemented', message });
    const methods = methodsAt(path);
    if (methods !== '') reply.header('allow', methods);
    const hint = methods === '' ? '' : `. This path takes ${methods}.`;
    const error = new SluiceError('UNKNOWN_ENDPOINT', message + hint);
    return sendError(reply, error, { logger, encodeError: errorFormatOf(request) });
  });
}

/** The methods of the routes that a path has, as a list; empty where it has none. A route's "*" stands for all that follows. */
function rememberRoutes(app: FastifyInstance): (path: string) => string {
  const routes: { readonly url: string; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ url, methods: [method].flat() });
  });
  return (path) => {
    const fitting = routes.filter(({ url }) => (url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : path === url));
    return [...new Set(fitting.flatMap(({ methods }) => methods))].join(', ');
  };
}

/** A status without a message before it, and so in the headers, for gRPC and gRPC-Web alike. */
function unknownToGrpc(request: FastifyRequest, reply: FastifyReply, message: string): FastifyReply {
  return reply
    .code(200)
    .header('content-type', request.headers['content-type'])
    .header('grpc-status', '12')
    .header('grpc-message', encodeURI(message))
    .send();
}
