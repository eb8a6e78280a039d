import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Model } from '../../gen/sluice/v1/model_service_pb.ts';
import { getModel, type ListModelsDeps, listModels } from '../pipeline/list-models.ts';
import type { Logger } from '../telemetry/logger.ts';
import { restCaller } from './rest-call.ts';
import { type EncodeError, sendError } from './send-error.ts';

export interface ModelsRouteDeps extends ListModelsDeps {
  readonly logger: Logger;
  readonly encodeError: EncodeError;
}

/** GET /v1/models. */
export function listModelsRoute(deps: ModelsRouteDeps) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      const data = listModels(deps, restCaller(request)).map(toOpenAi);
      return reply.send({ object: 'list', data });
    } catch (thrown) {
      return sendError(reply, thrown, deps);
    }
  };
}

/** GET /v1/models/{id}, where the id may hold slashes. */
export function getModelRoute(deps: ModelsRouteDeps) {
  return async (request: FastifyRequest<{ Params: { '*': string } }>, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      return reply.send(toOpenAi(getModel(deps, restCaller(request), request.params['*'])));
    } catch (thrown) {
      return sendError(reply, thrown, deps);
    }
  };
}

/** As OpenAI's API describes a model. */
function toOpenAi(model: Model) {
  return {
    id: model.id,
    object: 'model',
    created: Number(model.createTime?.seconds ?? 0n),
    owned_by: model.ownedBy,
  };
}
