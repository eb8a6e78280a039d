import type { FastifyPluginCallback } from 'fastify';
import { chatDoorCodec, embeddingDoorCodec } from '../dialects/registry.ts';
import { type ApiDeps, apiPlugin } from './api-plugin.ts';
import { chatRoute } from './chat-route.ts';
import { embeddingsRoute } from './embeddings-route.ts';
import { getModelRoute, listModelsRoute } from './openai-models-route.ts';

/** OpenAI's API, as far as Sluice offers it: https://platform.openai.com/docs/api-reference */
export function openAiApi(deps: ApiDeps): FastifyPluginCallback {
  const chatCodec = chatDoorCodec('openai-chat');
  return apiPlugin(deps, (app) => {
    app.post('/v1/chat/completions', chatRoute(deps, chatCodec));
    app.post('/v1/responses', chatRoute(deps, chatDoorCodec('openai-responses')));
    app.post('/v1/completions', chatRoute(deps, chatDoorCodec('openai-completions')));
    app.post('/v1/embeddings', embeddingsRoute(deps, embeddingDoorCodec('openai-embeddings')));
    app.get('/v1/models', listModelsRoute(deps));
    app.get('/v1/models/*', getModelRoute(deps));
  });
}
