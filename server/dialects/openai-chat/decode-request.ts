import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AudioOutputSchema,
  type Generation,
  GenerationSchema,
  type ReasoningSchema,
  type ResponseFormatSchema,
} from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DecodedChatRequest } from '../dialect.ts';
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
  pathOf,
  requiredName,
  requiredObject,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { decodeMessages, decodePrediction } from './decode-messages.ts';
import { decodeMetadata } from './decode-metadata.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { DIALECT, EFFORT_OF_WORD, VERBOSITY_OF_WORD } from './wire.ts';

type Init = Exclude<MessageInitShape<typeof GenerationSchema>, Generation>;

/**
 * The body of POST /v1/chat/completions. Throws SluiceError INVALID_REQUEST with param where a member that the format
 * knows has a wrong shape; null is as absent. Members and words of open sets that it does not know pass, in wire.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function decodeRequest(json: JsonObject): DecodedChatRequest {
  const body: Place = { json, path: '' };
  const options = optionalObject(body, 'stream_options');
  return {
    generation: decodeGeneration(body),
    metadata: decodeMetadata(body),
    stream: optionalBoolean(body, 'stream') ?? false,
    includeUsage: (options && optionalBoolean(options, 'include_usage')) ?? false,
    wire: { dialect: DIALECT, json },
  };
}

function decodeGeneration(body: Place): Generation {
  const toolChoice = decodeToolChoice(body);
  return create(
    GenerationSchema,
    withoutUnset({
      model: requiredName(body, 'model'),
      messages: decodeMessages(body),
      tools: decodeTools(body),
      toolChoice,
      parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls'),
      ...sampling(body),
      ...output(body),
      prediction: decodePrediction(body),
      serviceTier: optionalString(body, 'service_tier'),
      promptCacheKey: optionalString(body, 'prompt_cache_key'),
      endUserId: endUserId(body),
      store: optionalBoolean(body, 'store'),
    }),
  );
}

type Unset<T> = { [K in keyof T]?: T[K] | undefined };

/** The contract tells an unset field from one that is set to undefined. */
function withoutUnset(init: Unset<Init>): Init {
  return Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
}

const AT_LEAST_ONE = { min: 1, max: MAX_UINT32 };
const PENALTY = { min: -2, max: 2 };

function sampling(body: Place): Unset<Init> {
  const maxTokens = optionalInteger(body, 'max_tokens', AT_LEAST_ONE);
  const seed = optionalInteger(body, 'seed', { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  return {
    maxOutputTokens: optionalInteger(body, 'max_completion_tokens', AT_LEAST_ONE) ?? maxTokens,
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1 }),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty', PENALTY),
    presencePenalty: optionalNumber(body, 'presence_penalty', PENALTY),
    seed: seed === undefined ? undefined : BigInt(seed),
    stop: stopTexts(body),
    n: optionalInteger(body, 'n', { min: 1, max: 128 }),
    logprobs: optionalBoolean(body, 'logprobs'),
    topLogprobs: optionalInteger(body, 'top_logprobs', { min: 0, max: 20 }),
    logitBias: logitBias(body),
  };
}

function output(body: Place): Unset<Init> {
  return {
    responseFormat: responseFormat(body),
    modalities: [...(optionalStrings(body, 'modalities') ?? [])],
    audioOutput: audioOutput(body),
    reasoning: reasoning(body),
    verbosity: VERBOSITY_OF_WORD.get(optionalString(body, 'verbosity') ?? ''),
  };
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

/** Words that only other providers know stay in the raw body. */
function reasoning(body: Place): MessageInitShape<typeof ReasoningSchema> | undefined {
  const effort = EFFORT_OF_WORD.get(optionalString(body, 'reasoning_effort') ?? '');
  return effort === undefined ? undefined : { effort };
}

function responseFormat(body: Place): MessageInitShape<typeof ResponseFormatSchema> | undefined {
  const format = optionalObject(body, 'response_format');
  if (format === undefined) return undefined;
  switch (requiredString(format, 'type')) {
    case 'text':
      return { kind: { case: 'text', value: {} } };
    case 'json_object':
      return { kind: { case: 'jsonObject', value: {} } };
    case 'json_schema':
      return { kind: { case: 'jsonSchema', value: jsonSchema(requiredObject(format, 'json_schema')) } };
    default:
      throw wrongField(pathOf(format, 'type'), 'text, json_object or json_schema', format.json['type']);
  }
}

function jsonSchema(place: Place) {
  const schema = optionalObject(place, 'schema');
  const strict = optionalBoolean(place, 'strict');
  return {
    name: requiredName(place, 'name'),
    description: optionalString(place, 'description') ?? '',
    schemaJson: schema === undefined ? '' : textOfJson(schema.json, schema.path),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** A voice is a name or, where the customer made it, an object with its id. */
function audioOutput(body: Place): MessageInitShape<typeof AudioOutputSchema> | undefined {
  const audio = optionalObject(body, 'audio');
  if (audio === undefined) return undefined;
  const voice = audio.json['voice'];
  return {
    voice: typeof voice === 'string' ? voice : requiredName(requiredObject(audio, 'voice'), 'id'),
    format: requiredString(audio, 'format'),
  };
}

/** safety_identifier is the new name of user. */
function endUserId(body: Place): string | undefined {
  const user = optionalString(body, 'user');
  return optionalString(body, 'safety_identifier') ?? user;
}
