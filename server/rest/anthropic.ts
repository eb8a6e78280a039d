import type { FastifyPluginCallback } from 'fastify';
import { anthropicMessagesDoor } from '../dialects/anthropic-messages/index.ts';
import { type ApiDeps, apiPlugin } from './api-plugin.ts';
import { chatRoute } from './chat-route.ts';
import { countTokensRoute } from './count-tokens-route.ts';

/** Anthropic's API, as far as Sluice offers it: https://platform.claude.com/docs/en/api/messages */
export function anthropicApi(deps: ApiDeps): FastifyPluginCallback {
  return apiPlugin(deps, (app) => {
    app.post('/v1/messages', chatRoute(deps, anthropicMessagesDoor));
    app.post('/v1/messages/count_tokens', countTokensRoute(deps, anthropicMessagesDoor));
  });
}
