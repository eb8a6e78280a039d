import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Generation, ReasoningSchema, ResponseFormatSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../errors/sluice-error.ts';
import type { DecodedChatRequest } from '../dialect.ts';
import { type GenerationMembers, newGeneration } from '../new-generation.ts';
import { decodeMetadata } from '../openai-metadata.ts';
import {
  MAX_UINT32,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  type Place,
  pathOf,
  requiredName,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { decodeConversation } from './decode-input.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { DIALECT, EFFORT_OF_WORD, INCLUDE_LOGPROBS, VERBOSITY_OF_WORD } from './wire.ts';

/**
 * The body of POST /v1/responses. Throws SluiceError INVALID_REQUEST with param where a member that the format knows has a
 * wrong shape, and UNSUPPORTED_PARAMETER for background; null is as absent. Members that it does not know pass, in wire.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export function decodeRequest(json: JsonObject): DecodedChatRequest {
  const body: Place = { json, path: '' };
  refuseBackground(body);
  return {
    generation: decodeGeneration(body),
    metadata: decodeMetadata(body),
    stream: optionalBoolean(body, 'stream') ?? false,
    includeUsage: true,
    wire: { dialect: DIALECT, json },
  };
}

/** The answer would have to be fetched later, from where no door leads. */
function refuseBackground(body: Place): void {
  if (optionalBoolean(body, 'background') !== true) return;
  throw new SluiceError(
    'UNSUPPORTED_PARAMETER',
    'background is not supported: responses cannot be fetched later. Send the request without it, or stream the answer.',
    { param: 'background', metadata: { field: 'background' } },
  );
}

function decodeGeneration(body: Place): Generation {
  const safetyIdentifier = optionalString(body, 'safety_identifier');
  const init: GenerationMembers = {
    model: requiredName(body, 'model'),
    messages: decodeConversation(body),
    tools: decodeTools(body),
    toolChoice: decodeToolChoice(body),
    parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls'),
    ...sampling(body),
    ...outputForm(body),
    reasoning: reasoning(body),
    serviceTier: optionalString(body, 'service_tier'),
    promptCacheKey: optionalString(body, 'prompt_cache_key'),
    // The new name of user.
    endUserId: safetyIdentifier ?? optionalString(body, 'user'),
    store: optionalBoolean(body, 'store'),
    previousResponseId: optionalString(body, 'previous_response_id'),
  };
  return newGeneration(init);
}

function sampling(body: Place): GenerationMembers {
  const logprobs = (optionalStrings(body, 'include') ?? []).includes(INCLUDE_LOGPROBS);
  return {
    maxOutputTokens: optionalInteger(body, 'max_output_tokens', { min: 1, max: MAX_UINT32 }),
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1 }),
    logprobs: logprobs ? true : undefined,
    topLogprobs: optionalInteger(body, 'top_logprobs', { min: 0, max: 20 }),
  };
}

/** Words that only other providers know stay in the raw body. */
function reasoning(body: Place): MessageInitShape<typeof ReasoningSchema> | undefined {
  const place = optionalObject(body, 'reasoning');
  if (place === undefined) return undefined;
  const effort = EFFORT_OF_WORD.get(optionalString(place, 'effort') ?? '');
  // generate_summary is the old name of summary.
  const summary = optionalString(place, 'summary') ?? optionalString(place, 'generate_summary');
  if (effort === undefined && summary === undefined) return undefined;
  return { ...(effort !== undefined && { effort }), ...(summary !== undefined && { summary }) };
}

function outputForm(body: Place): GenerationMembers {
  const text = optionalObject(body, 'text');
  if (text === undefined) return {};
  return {
    responseFormat: responseFormat(text),
    verbosity: VERBOSITY_OF_WORD.get(optionalString(text, 'verbosity') ?? ''),
  };
}

function responseFormat(text: Place): MessageInitShape<typeof ResponseFormatSchema> | undefined {
  const format = optionalObject(text, 'format');
  if (format === undefined) return undefined;
  switch (requiredString(format, 'type')) {
    case 'text':
      return { kind: { case: 'text', value: {} } };
    case 'json_object':
      return { kind: { case: 'jsonObject', value: {} } };
    case 'json_schema':
      return { kind: { case: 'jsonSchema', value: jsonSchema(format) } };
    default:
      throw wrongField(pathOf(format, 'type'), 'text, json_object or json_schema', format.json['type']);
  }
}

function jsonSchema(format: Place) {
  const schema = optionalObject(format, 'schema');
  const strict = optionalBoolean(format, 'strict');
  return {
    name: requiredName(format, 'name'),
    description: optionalString(format, 'description') ?? '',
    schemaJson: schema === undefined ? '' : textOfJson(schema.json, schema.path),
    ...(strict === undefined ? {} : { strict }),
  };
}
