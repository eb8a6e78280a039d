import type { ChatDoorCodec, ChatProviderCodec } from '../../dialect.ts';
import { decodeOpenAiError, encodeOpenAiError } from '../openai-error.ts';
import { decodeRequest } from './decode-request.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { createStreamDecoder } from './stream-decoder.ts';
import { createStreamEncoder } from './stream-encoder.ts';

/** OpenAI's Chat Completions API: https://platform.openai.com/docs/api-reference/chat */
export const openAiChatProvider: ChatProviderCodec = {
  dialect: 'openai-chat',
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  decodeError: decodeOpenAiError,
};

export const openAiChatDoor: ChatDoorCodec = {
  dialect: 'openai-chat',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError: encodeOpenAiError,
};
