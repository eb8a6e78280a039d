import type { ChatDoorCodec, ChatProviderCodec } from '../dialect.ts';
import { unwrappingDecoder, withUnwrappedValues } from '../unwrap-value.ts';
import { decisionFrame } from './decision-frame.ts';
import { decodeError, encodeError } from './error.ts';
import { reach } from './reach.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { createStreamDecoder, createStreamEncoder } from './stream.ts';
import { DIALECT } from './wire.ts';

/** How Sluice calls a provider that speaks OpenAI's chat API. */
export const openAiChatProvider: ChatProviderCodec = {
  dialect: DIALECT,
  framing: 'sse',
  encodeRequest,
  decodeResponse: (text, quirks) => withUnwrappedValues(decodeResponse(text, quirks)),
  createStreamDecoder: (quirks) => unwrappingDecoder(createStreamDecoder(quirks)),
  decodeError,
};

/** How a door offers OpenAI's chat API. */
export const openAiChatDoor: ChatDoorCodec = {
  dialect: DIALECT,
  framing: 'sse',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  decisionFrame,
  reach,
};
