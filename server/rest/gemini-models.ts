import type { FastifyRequest } from 'fastify';
import type { Model } from '../../gen/sluice/v1/model_service_pb.ts';

// https://ai.google.dev/api/models: below /v1 the same path as OpenAI's, so a header tells who asks.

/** Whether a request is one of Google's SDKs, whose keys come in a header of their own. */
export function asksGoogle(request: FastifyRequest): boolean {
  return request.headers['x-goog-api-key'] !== undefined;
}

/** All models in one page. */
export function googleList(models: readonly Model[]) {
  return { models: models.map(googleModel) };
}

/** As Google's API describes a model. */
export function googleModel({ id }: Model) {
  return { name: `models/${id}`, displayName: id, supportedGenerationMethods: METHODS };
}

const METHODS = ['generateContent', 'countTokens', 'embedContent', 'batchEmbedContents'] as const;
