import type { ChatDoorCodec, ChatProviderCodec, EmbeddingDoorCodec, EmbeddingProviderCodec } from '../dialect.ts';
import { unwrappingDecoder, withUnwrappedValues } from '../unwrap-value.ts';
import { decisionFrame } from './decision-frame.ts';
import * as embedRequest from './embed-request.ts';
import * as embedResponse from './embed-response.ts';
import { decodeError, encodeError } from './error.ts';
import { reach } from './reach.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { createStreamDecoder, createStreamEncoder } from './stream.ts';
import { DIALECT } from './wire.ts';

/** How Sluice calls Cohere's chat API. */
export const cohereProvider: ChatProviderCodec = {
  dialect: DIALECT,
  framing: 'sse',
  encodeRequest,
  decodeResponse: (text) => withUnwrappedValues(decodeResponse(text)),
  createStreamDecoder: () => unwrappingDecoder(createStreamDecoder()),
  decodeError,
};

/** How a door offers Cohere's chat API; the simulator's does. */
export const cohereDoor: ChatDoorCodec = {
  dialect: DIALECT,
  framing: 'sse',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  decisionFrame,
  reach,
};

/** How Sluice calls Cohere's embedding API. */
export const cohereEmbeddingsProvider: EmbeddingProviderCodec = {
  dialect: DIALECT,
  encodeRequest: embedRequest.encodeRequest,
  decodeResponse: embedResponse.decodeResponse,
  decodeError,
};

/** How a door offers Cohere's embedding API; the simulator's does. */
export const cohereEmbeddingsDoor: EmbeddingDoorCodec = {
  dialect: DIALECT,
  decodeRequest: embedRequest.decodeRequest,
  encodeResponse: embedResponse.encodeResponse,
  encodeError,
};
