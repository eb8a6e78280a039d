import type { FastifyRequest } from 'fastify';
import { anthropicMessagesDoor } from '../dialects/anthropic-messages/index.ts';
import { geminiDoor } from '../dialects/gemini/index.ts';
import { chatDoorCodec } from '../dialects/registry.ts';
import { asksAnthropic } from './anthropic-models.ts';
import { asksGoogle } from './gemini-models.ts';
import type { EncodeError } from './send-error.ts';

/** Paths that only one API has, whatever stands behind them. */
const FORMAT_OF_PATH: readonly (readonly [RegExp, EncodeError])[] = [
  [/^\/v1\/messages(?:[/?]|$)/, anthropicMessagesDoor.encodeError],
  [/^\/v1beta(?:[/?]|$)/, geminiDoor.encodeError],
  [/^\/v1\/models\/[^?]+:(?:\w*[gG]enerateContent|countTokens|\w*[eE]mbedContents?)(?:\?|$)/, geminiDoor.encodeError],
];

/** The envelope of the API that a request means: by its path, else by the headers of that API's SDKs, else OpenAI's. */
export function errorFormatOf(request: FastifyRequest): EncodeError {
  const known = FORMAT_OF_PATH.find(([path]) => path.test(request.url));
  if (known !== undefined) return known[1];
  if (asksGoogle(request)) return geminiDoor.encodeError;
  return asksAnthropic(request) ? anthropicMessagesDoor.encodeError : chatDoorCodec('openai-chat').encodeError;
}
