import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { chatDoorCodec } from './dialects/registry.ts';
import { SluiceError } from './errors/sluice-error.ts';
import { sendError } from './rest/send-error.ts';
import type { Logger } from './telemetry/logger.ts';

/** The path of an RPC: /package.Service/Method. */
const RPC_PATH = /^\/(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*\/[A-Za-z_]\w*$/;

/** Unknown paths, in the words of whoever asks: RPC clients want a status of theirs, not a page. */
export function answerUnknownPaths(app: FastifyInstance, logger: Logger): void {
  const { encodeError } = chatDoorCodec('openai-chat');
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const message = `Unknown request URL: ${request.method} ${path}`;
    if (request.headers['content-type']?.startsWith('application/grpc') === true) {
      return unknownToGrpc(request, reply, message);
    }
    // https://connectrpc.com/docs/protocol#error-end-stream: before a stream has begun, errors are JSON for all kinds.
    if (RPC_PATH.test(path)) return reply.code(404).send({ code: 'unimplemented', message });
    return sendError(reply, new SluiceError('UNKNOWN_ENDPOINT', message), { logger, encodeError });
  });
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
