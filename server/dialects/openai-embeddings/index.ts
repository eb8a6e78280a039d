import type { EmbeddingDoorCodec, EmbeddingProviderCodec } from '../dialect.ts';
import { decodeError, encodeError } from './error.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { DIALECT } from './wire.ts';

/** How Sluice calls a provider that speaks OpenAI's embedding API. */
export const openAiEmbeddingsProvider: EmbeddingProviderCodec = {
  dialect: DIALECT,
  encodeRequest,
  decodeResponse,
  decodeError,
};

/** How a door offers OpenAI's embedding API. */
export const openAiEmbeddingsDoor: EmbeddingDoorCodec = {
  dialect: DIALECT,
  decodeRequest,
  encodeResponse,
  encodeError,
};
