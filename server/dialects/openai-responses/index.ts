import type { ChatDoorCodec, ChatProviderCodec } from '../dialect.ts';
import { unwrappingDecoder, withUnwrappedValues } from '../unwrap-value.ts';
import { decisionFrame } from './decision-frame.ts';
import { decodeError, encodeError } from './error.ts';
import { reach } from './reach.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { createStreamDecoder, createStreamEncoder } from './stream.ts';
import { DIALECT } from './wire.ts';

/** How Sluice calls a provider that speaks OpenAI's Responses API. */
export const openAiResponsesProvider: ChatProviderCodec = {
  dialect: DIALECT,
  framing: 'sse',
  encodeRequest,
  decodeResponse: (text) => withUnwrappedValues(decodeResponse(text)),
  createStreamDecoder: () => unwrappingDecoder(createStreamDecoder()),
  decodeError,
};

/** How a door offers OpenAI's Responses API. */
export const openAiResponsesDoor: ChatDoorCodec = {
  dialect: DIALECT,
  framing: 'sse',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  decisionFrame,
  reach,
};
