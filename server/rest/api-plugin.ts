import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { authenticate } from '../auth/authenticate.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { ChatRouteDeps } from './chat-route.ts';
import type { EmbeddingsRouteDeps } from './embeddings-route.ts';
import { errorFormatOf } from './error-format.ts';
import { restCaller } from './rest-call.ts';
import { sendError } from './send-error.ts';

/** What all public APIs are built from. */
export type ApiDeps = ChatRouteDeps & EmbeddingsRouteDeps & { readonly bodyBytes: number };

/** One public API: its routes, behind the checks that all of them share. */
export function apiPlugin(deps: ApiDeps, addRoutes: (app: FastifyInstance) => void): FastifyPluginCallback {
  return (app, _options, done) => {
    // Bodies are read as bytes whatever their type says; the routes parse them and answer in their own format.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: deps.bodyBytes }, (_request, body, parsed) =>
      parsed(null, body),
    );
    app.setErrorHandler((error, request, reply) => {
      // Fastify asks for the connection to end with a body that is too large, in words that only HTTP/1.1 has.
      if (request.raw.httpVersionMajor > 1) reply.removeHeader('connection');
      return sendError(reply, bodyError(error, deps.bodyBytes), {
        logger: deps.logger,
        encodeError: errorFormatOf(request),
      });
    });
    // Strangers are turned away before their body is read.
    app.addHook('onRequest', async (request, reply) => {
      // Answers are for their caller alone, and no two are alike.
      reply.header('cache-control', 'no-store');
      authenticate(deps.config.current().keys, restCaller(request).keySha256);
    });
    addRoutes(app);
    done();
  };
}

/** What Fastify says of a body, in our words. */
function bodyError(error: unknown, limit: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new SluiceError('REQUEST_TOO_LARGE', `The body is larger than ${limit} bytes.`, {
      metadata: { limit_bytes: String(limit) },
    });
  }
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH' || code === 'FST_ERR_CTP_EMPTY_TYPE') {
    return new SluiceError('INVALID_REQUEST', 'The body does not fit its headers.');
  }
  return error;
}
