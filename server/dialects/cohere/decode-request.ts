import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  ReasoningEffort,
  type ReasoningSchema,
  type ResponseFormatSchema,
} from '../../../gen/sluice/v1/generation_pb.ts';
import { MetadataSchema } from '../../../gen/sluice/v1/metadata_pb.ts';
import {
  type Tool,
  type ToolChoice,
  ToolChoiceMode,
  ToolChoiceSchema,
  ToolSchema,
} from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DecodedChatRequest } from '../dialect.ts';
import { type GenerationMembers, newGeneration } from '../new-generation.ts';
import {
  MAX_UINT32,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalObjects,
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
import { decodeMessages } from './decode-messages.ts';
import { DIALECT } from './wire.ts';

/**
 * The body of POST /v2/chat. Throws SluiceError INVALID_REQUEST with param where a member that the format knows has a
 * wrong shape; null is as absent. Documents, and members that it does not know, stay in wire.
 */
export function decodeRequest(json: JsonObject): DecodedChatRequest {
  const body: Place = { json, path: '' };
  const strict = optionalBoolean(body, 'strict_tools');
  const init: GenerationMembers = {
    model: requiredName(body, 'model'),
    messages: decodeMessages(body),
    tools: (optionalObjects(body, 'tools') ?? []).map((tool) => decodeTool(tool, strict)),
    toolChoice: decodeToolChoice(body),
    responseFormat: responseFormat(body),
    reasoning: reasoning(body),
    ...sampling(body),
  };
  return {
    generation: newGeneration(init),
    metadata: create(MetadataSchema),
    stream: optionalBoolean(body, 'stream') ?? false,
    // message-end always tells it.
    includeUsage: true,
    wire: { dialect: DIALECT, json },
  };
}

function sampling(body: Place): GenerationMembers {
  const seed = optionalInteger(body, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER });
  return {
    maxOutputTokens: optionalInteger(body, 'max_tokens', { min: 1, max: MAX_UINT32 }),
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'p', { min: 0.01, max: 0.99 }),
    topK: optionalInteger(body, 'k', { min: 0, max: 500 }),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty', { min: 0, max: 1 }),
    presencePenalty: optionalNumber(body, 'presence_penalty', { min: 0, max: 1 }),
    seed: seed === undefined ? undefined : BigInt(seed),
    stop: [...(optionalStrings(body, 'stop_sequences') ?? [])],
    logprobs: optionalBoolean(body, 'logprobs'),
  };
}

function decodeTool(place: Place, strict: boolean | undefined): Tool {
  const type = requiredName(place, 'type');
  if (type !== 'function') {
    const { type: _, ...config } = place.json;
    const configJson = textOfJson(config, place.path);
    return create(ToolSchema, { kind: { case: 'provider', value: { type, configJson, dialect: DIALECT } } });
  }
  const tool = requiredObject(place, 'function');
  const parameters = optionalObject(tool, 'parameters');
  const value = {
    name: requiredName(tool, 'name'),
    description: optionalString(tool, 'description') ?? '',
    parametersJsonSchema: parameters === undefined ? '' : textOfJson(parameters.json, parameters.path),
    ...(strict !== undefined && { strict }),
  };
  return create(ToolSchema, { kind: { case: 'function', value } });
}

function decodeToolChoice(body: Place): ToolChoice | undefined {
  const word = optionalString(body, 'tool_choice');
  if (word === undefined) return undefined;
  if (word === 'REQUIRED') return create(ToolChoiceSchema, { mode: ToolChoiceMode.REQUIRED });
  if (word === 'NONE') return create(ToolChoiceSchema, { mode: ToolChoiceMode.NONE });
  throw wrongField('tool_choice', 'REQUIRED or NONE', word);
}

function responseFormat(body: Place): MessageInitShape<typeof ResponseFormatSchema> | undefined {
  const format = optionalObject(body, 'response_format');
  if (format === undefined) return undefined;
  const type = requiredString(format, 'type');
  if (type === 'text') return { kind: { case: 'text', value: {} } };
  if (type !== 'json_object') throw wrongField(pathOf(format, 'type'), 'text or json_object', type);
  const schema = optionalObject(format, 'json_schema') ?? optionalObject(format, 'schema');
  if (schema === undefined) return { kind: { case: 'jsonObject', value: {} } };
  return { kind: { case: 'jsonSchema', value: { schemaJson: textOfJson(schema.json, schema.path) } } };
}

function reasoning(body: Place): MessageInitShape<typeof ReasoningSchema> | undefined {
  const thinking = optionalObject(body, 'thinking');
  if (thinking === undefined) return undefined;
  if (requiredString(thinking, 'type') === 'disabled') return { effort: ReasoningEffort.NONE };
  const budgetTokens = optionalInteger(thinking, 'token_budget', { min: 0, max: MAX_UINT32 });
  return budgetTokens === undefined ? {} : { budgetTokens };
}
