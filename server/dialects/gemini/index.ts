import type { ChatDoorCodec, ChatProviderCodec, EmbeddingDoorCodec, EmbeddingProviderCodec } from '../dialect.ts';
import { unwrappingDecoder, withUnwrappedValues } from '../unwrap-value.ts';
import { tokenCountDoor, tokenCountProvider } from './count-tokens.ts';
import { decisionFrame } from './decision-frame.ts';
import { decodeBatchEmbedRequest, decodeEmbedRequest, encodeEmbedRequest } from './embed-request.ts';
import { decodeEmbedResponse, encodeBatchEmbedResponse, encodeEmbedResponse } from './embed-response.ts';
import { decodeError, encodeError } from './error.ts';
import { reach } from './reach.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { createStreamDecoder, createStreamEncoder } from './stream.ts';
import { DIALECT } from './wire.ts';

/** How Sluice calls a provider that speaks Google's generateContent. */
export const geminiProvider: ChatProviderCodec = {
  dialect: DIALECT,
  framing: 'sse',
  encodeRequest,
  decodeResponse: (text) => withUnwrappedValues(decodeResponse(text)),
  createStreamDecoder: () => unwrappingDecoder(createStreamDecoder()),
  decodeError,
  tokenCount: tokenCountProvider,
};

/** How a door offers Google's generateContent. */
export const geminiDoor: ChatDoorCodec & Required<Pick<ChatDoorCodec, 'tokenCount'>> = {
  dialect: DIALECT,
  framing: 'sse',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  decisionFrame,
  reach,
  tokenCount: tokenCountDoor,
};

/** How Sluice calls a provider that speaks Google's embedContent and batchEmbedContents. */
export const geminiEmbeddingProvider: EmbeddingProviderCodec = {
  dialect: DIALECT,
  encodeRequest: encodeEmbedRequest,
  decodeResponse: decodeEmbedResponse,
  decodeError,
};

/** How a door offers embedContent: one input, one vector. */
export const geminiEmbedDoor: EmbeddingDoorCodec = {
  dialect: DIALECT,
  decodeRequest: decodeEmbedRequest,
  encodeResponse: encodeEmbedResponse,
  encodeError,
};

/** How a door offers batchEmbedContents. */
export const geminiBatchEmbedDoor: EmbeddingDoorCodec = {
  dialect: DIALECT,
  decodeRequest: decodeBatchEmbedRequest,
  encodeResponse: encodeBatchEmbedResponse,
  encodeError,
};
