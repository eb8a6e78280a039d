import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { authenticate } from '../auth/authenticate.ts';
import { chatDoorCodec, embeddingDoorCodec } from '../dialects/registry.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { type ChatRouteDeps, chatRoute } from './openai-chat-route.ts';
import { type EmbeddingsRouteDeps, embeddingsRoute } from './openai-embeddings-route.ts';
import { getModelRoute, listModelsRoute } from './openai-models-route.ts';
import { restCaller } from './rest-call.ts';
import { sendError } from './send-error.ts';

export type OpenAiDeps = ChatRouteDeps & EmbeddingsRouteDeps & { readonly bodyBytes: number };

/** OpenAI's API, as far as Sluice offers it: https://platform.openai.com/docs/api-reference */
export function openAiApi(deps: OpenAiDeps): FastifyPluginCallback {
  const chatCodec = chatDoorCodec('openai-chat');
  const embeddingCodec = embeddingDoorCodec('openai-embeddings');
  const models = { ...deps, encodeError: chatCodec.encodeError };
  return (app: FastifyInstance, _options, done) => {
    // Bodies are read as bytes whatever their type says; the routes parse them and answer in their own format.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: deps.bodyBytes }, (_request, body, parsed) =>
      parsed(null, body),
    );
    app.setErrorHandler((error, request, reply) => {
      // Fastify asks for the connection to end with a body that is too large, in words that only HTTP/1.1 has.
      if (request.raw.httpVersionMajor > 1) reply.removeHeader('connection');
      return sendError(reply, bodyError(error, deps.bodyBytes), models);
    });
    // Strangers are turned away before their body is read.
    app.addHook('onRequest', async (request, reply) => {
      // Answers are for their caller alone, and no two are alike.
      reply.header('cache-control', 'no-store');
      authenticate(deps.config.current().keys, restCaller(request).keySha256);
    });
    app.post('/v1/chat/completions', chatRoute(deps, chatCodec));
    app.post('/v1/embeddings', embeddingsRoute(deps, embeddingCodec));
    app.get('/v1/models', listModelsRoute(models));
    app.get('/v1/models/*', getModelRoute(models));
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
