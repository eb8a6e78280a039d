import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Model } from '../../gen/sluice/v1/model_service_pb.ts';
import { getModel, type ListModelsDeps, listModels } from '../pipeline/list-models.ts';
import type { Logger } from '../telemetry/logger.ts';
import { anthropicList, anthropicModel, asksAnthropic } from './anthropic-models.ts';
import { errorFormatOf } from './error-format.ts';
import { asksGoogle, googleList, googleModel } from './gemini-models.ts';
import { modelFactsJson } from './model-facts-json.ts';
import { restCaller } from './rest-call.ts';
import { sendError } from './send-error.ts';

export interface ModelsRouteDeps extends ListModelsDeps {
  readonly logger: Logger;
}

/** GET /v1/models. */
export function listModelsRoute(deps: ModelsRouteDeps) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      const models = listModels(deps, restCaller(request));
      if (asksGoogle(request)) return reply.send(googleList(models));
      return reply.send(
        asksAnthropic(request) ? anthropicList(models) : { object: 'list', data: models.map(toOpenAi) },
      );
    } catch (thrown) {
      return sendError(reply, thrown, { logger: deps.logger, encodeError: errorFormatOf(request) });
    }
  };
}

/** GET /v1/models/{id}, where the id may hold slashes. */
export function getModelRoute(deps: ModelsRouteDeps) {
  return async (request: FastifyRequest<{ Params: { '*': string } }>, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      const model = getModel(deps, restCaller(request), request.params['*']);
      if (asksGoogle(request)) return reply.send(googleModel(model));
      return reply.send(asksAnthropic(request) ? anthropicModel(model) : toOpenAi(model));
    } catch (thrown) {
      return sendError(reply, thrown, { logger: deps.logger, encodeError: errorFormatOf(request) });
    }
  };
}

/** As OpenAI's API describes a model. What else is known of it stands below a member of its own. */
function toOpenAi(model: Model) {
  const sluice = modelFactsJson(model);
  return {
    id: model.id,
    object: 'model',
    created: Number(model.createTime?.seconds ?? 0n),
    owned_by: model.ownedBy,
    ...(sluice !== undefined && { sluice }),
  };
}
