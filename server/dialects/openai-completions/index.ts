import type { ChatDoorCodec, ChatProviderCodec } from '../dialect.ts';
import { decisionFrame } from './decision-frame.ts';
import { decodeError, encodeError } from './error.ts';
import { reach } from './reach.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { createStreamDecoder, createStreamEncoder } from './stream.ts';
import { DIALECT } from './wire.ts';

/** How Sluice calls a provider that speaks OpenAI's older API for completing texts. */
export const openAiCompletionsProvider: ChatProviderCodec = {
  dialect: DIALECT,
  framing: 'sse',
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  decodeError,
};

/** How a door offers OpenAI's older API for completing texts. */
export const openAiCompletionsDoor: ChatDoorCodec = {
  dialect: DIALECT,
  framing: 'sse',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  decisionFrame,
  reach,
};
