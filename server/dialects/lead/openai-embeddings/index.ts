import type { EmbeddingDoorCodec, EmbeddingProviderCodec } from '../../dialect.ts';
import { decodeOpenAiError, encodeOpenAiError } from '../openai-error.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';

/** OpenAI's Embeddings API: https://platform.openai.com/docs/api-reference/embeddings */
export const openAiEmbeddingsProvider: EmbeddingProviderCodec = {
  dialect: 'openai-embeddings',
  encodeRequest,
  decodeResponse,
  decodeError: decodeOpenAiError,
};

export const openAiEmbeddingsDoor: EmbeddingDoorCodec = {
  dialect: 'openai-embeddings',
  decodeRequest,
  encodeResponse,
  encodeError: encodeOpenAiError,
};
