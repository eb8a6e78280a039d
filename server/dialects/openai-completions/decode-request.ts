import { create } from '@bufbuild/protobuf';
import { type Message, MessageSchema, type Part, PartSchema, Role } from '../../../gen/sluice/v1/content_pb.ts';
import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { DecodedChatRequest } from '../dialect.ts';
import { type GenerationMembers, newGeneration } from '../new-generation.ts';
import { decodeMetadata } from '../openai-metadata.ts';
import {
  MAX_UINT32,
  optional,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  type Place,
  requiredName,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { DIALECT, MAX_LOGPROBS } from './wire.ts';

/**
 * The body of POST /v1/completions. Each prompt is a user's message; tokens are a RawPart. suffix, echo and best_of have no
 * field in the contract: they stay in wire. Throws SluiceError INVALID_REQUEST with param; null is as absent.
 * https://platform.openai.com/docs/api-reference/completions/create
 */
export function decodeRequest(json: JsonObject): DecodedChatRequest {
  const body: Place = { json, path: '' };
  const options = optionalObject(body, 'stream_options');
  optionalBoolean(body, 'echo');
  optionalString(body, 'suffix');
  optionalInteger(body, 'best_of', { min: 1, max: 128 });
  return {
    generation: decodeGeneration(body),
    metadata: decodeMetadata(body),
    stream: optionalBoolean(body, 'stream') ?? false,
    includeUsage: (options && optionalBoolean(options, 'include_usage')) ?? false,
    wire: { dialect: DIALECT, json },
  };
}

const PENALTY = { min: -2, max: 2 };

function decodeGeneration(body: Place): Generation {
  const messages = promptsOf(body).map((part): Message => create(MessageSchema, { role: Role.USER, parts: [part] }));
  const seed = optionalInteger(body, 'seed', { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  const logprobs = optionalInteger(body, 'logprobs', { min: 0, max: MAX_LOGPROBS });
  const init: GenerationMembers = {
    model: requiredName(body, 'model'),
    messages,
    maxOutputTokens: optionalInteger(body, 'max_tokens', { min: 0, max: MAX_UINT32 }),
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1 }),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty', PENALTY),
    presencePenalty: optionalNumber(body, 'presence_penalty', PENALTY),
    seed: seed === undefined ? undefined : BigInt(seed),
    stop: stopTexts(body),
    n: answersOf(optionalInteger(body, 'n', { min: 1, max: 128 }), messages.length),
    ...(logprobs !== undefined && { logprobs: true, topLogprobs: logprobs }),
    logitBias: logitBias(body),
    endUserId: optionalString(body, 'user'),
  };
  return newGeneration(init);
}

/** There are n answers to each prompt. */
function answersOf(n: number | undefined, prompts: number): number | undefined {
  return prompts === 1 ? n : (n ?? 1) * prompts;
}

/** A text, texts, tokens or lists of tokens. Without a prompt the model begins a document. */
function promptsOf(body: Place): Part[] {
  const prompt = optional(body, 'prompt') ?? '';
  if (typeof prompt === 'string') return [textPart(prompt)];
  if (!Array.isArray(prompt) || prompt.length === 0) throw wrongPrompt(body);
  if (prompt.every((item) => typeof item === 'string')) return prompt.map(textPart);
  if (isTokens(prompt)) return [tokensPart(prompt)];
  return prompt.map((item: JsonValue) => {
    if (Array.isArray(item) && item.length > 0 && isTokens(item)) return tokensPart(item);
    throw wrongPrompt(body);
  });
}

function wrongPrompt(body: Place) {
  return wrongField('prompt', 'a string or an array of strings, tokens or lists of tokens', body.json['prompt']);
}

function isTokens(list: readonly JsonValue[]): boolean {
  return list.every((item) => typeof item === 'number' && Number.isInteger(item) && item >= 0);
}

const textPart = (text: string): Part => create(PartSchema, { kind: { case: 'text', value: { text } } });

function tokensPart(tokens: JsonValue): Part {
  return create(PartSchema, { kind: { case: 'raw', value: { dialect: DIALECT, json: textOfJson(tokens, 'prompt') } } });
}

function stopTexts(body: Place): string[] {
  const stop = optional(body, 'stop');
  if (typeof stop === 'string') return [stop];
  if (stop === undefined || Array.isArray(stop)) return [...(optionalStrings(body, 'stop') ?? [])];
  throw wrongField('stop', 'a string or an array of strings', stop);
}

function logitBias(body: Place): Record<string, number> | undefined {
  const place = optionalObject(body, 'logit_bias');
  if (place === undefined) return undefined;
  const tokens = Object.keys(place.json);
  return Object.fromEntries(
    tokens.map((token) => {
      if (!/^\d{1,10}$/.test(token)) throw wrongField('logit_bias', 'token ids as names', token);
      return [token, optionalNumber(place, token, { min: -100, max: 100 }) ?? 0];
    }),
  );
}
