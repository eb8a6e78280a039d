import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AudioOutputSchema, Generation, ReasoningSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DecodedChatRequest } from '../dialect.ts';
import { type GenerationMembers, newGeneration } from '../new-generation.ts';
import {
  optionalBoolean,
  optionalObject,
  optionalString,
  optionalStrings,
  type Place,
  requiredName,
  requiredObject,
  requiredString,
} from '../read-fields.ts';
import { decodeFormat } from './decode-format.ts';
import { decodeMessages, decodePrediction } from './decode-messages.ts';
import { decodeMetadata } from './decode-metadata.ts';
import { decodeSampling } from './decode-sampling.ts';
import { decodeToolChoice, decodeTools, decodeWebSearch } from './decode-tools.ts';
import { DIALECT, EFFORT_OF_WORD, VERBOSITY_OF_WORD } from './wire.ts';

/**
 * The body of POST /v1/chat/completions. Throws SluiceError INVALID_REQUEST with param where a member that the format
 * knows has a wrong shape; null is as absent. Members, words and numbers that the contract cannot hold pass, in wire.
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
  return newGeneration({
    model: requiredName(body, 'model'),
    messages: decodeMessages(body),
    tools: [...decodeTools(body), ...decodeWebSearch(body)],
    toolChoice,
    parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls'),
    ...decodeSampling(body),
    ...output(body),
    prediction: decodePrediction(body),
    serviceTier: optionalString(body, 'service_tier'),
    promptCacheKey: optionalString(body, 'prompt_cache_key'),
    endUserId: endUserId(body),
    store: optionalBoolean(body, 'store'),
  });
}

function output(body: Place): GenerationMembers {
  return {
    responseFormat: decodeFormat(body),
    modalities: [...(optionalStrings(body, 'modalities') ?? [])],
    audioOutput: audioOutput(body),
    reasoning: reasoning(body),
    verbosity: VERBOSITY_OF_WORD.get(optionalString(body, 'verbosity') ?? ''),
  };
}

/** Words that only other providers know stay in the raw body. */
function reasoning(body: Place): MessageInitShape<typeof ReasoningSchema> | undefined {
  const effort = EFFORT_OF_WORD.get(optionalString(body, 'reasoning_effort') ?? '');
  return effort === undefined ? undefined : { effort };
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
