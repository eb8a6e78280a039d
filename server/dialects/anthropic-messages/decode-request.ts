import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  ReasoningEffort,
  type ReasoningSchema,
  type ResponseFormatSchema,
} from '../../../gen/sluice/v1/generation_pb.ts';
import { MetadataSchema } from '../../../gen/sluice/v1/metadata_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DecodedChatRequest, RequestEnvelope } from '../dialect.ts';
import { type GenerationMembers, newGeneration } from '../new-generation.ts';
import {
  MAX_UINT32,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  type Place,
  requiredName,
  requiredObject,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { decodeConversation } from './decode-messages.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { DIALECT, EFFORT_OF_WORD, TIER_OF_WORD } from './wire.ts';

/**
 * The body of POST /v1/messages. Throws SluiceError INVALID_REQUEST with param where a member that the format knows has a
 * wrong shape; null is as absent. Members that it does not know are options for providers of this format.
 * https://platform.claude.com/docs/en/api/messages
 */
export function decodeRequest(json: JsonObject, envelope: RequestEnvelope = {}): DecodedChatRequest {
  const body: Place = { json, path: '' };
  const maxTokens = optionalInteger(body, 'max_tokens', { min: 0, max: MAX_UINT32 });
  if (maxTokens === undefined) throw wrongField('max_tokens', 'an integer', json['max_tokens']);
  // 0 asks for no answer, only for the prompt to be kept; the contract's least is 1.
  return decoded(body, { maxOutputTokens: Math.max(1, maxTokens) }, envelope);
}

/** The body of POST /v1/messages/count_tokens, which has no limit of tokens. Throws as decodeRequest does. */
export function decodeCountRequest(json: JsonObject, envelope: RequestEnvelope = {}): DecodedChatRequest {
  return decoded({ json, path: '' }, {}, envelope);
}

function decoded(body: Place, limit: GenerationMembers, { headers }: RequestEnvelope): DecodedChatRequest {
  return {
    generation: newGeneration({ ...generationInit(body), ...limit }),
    metadata: create(MetadataSchema),
    stream: optionalBoolean(body, 'stream') ?? false,
    includeUsage: true,
    wire: { dialect: DIALECT, json: body.json, ...(headers && { headers }) },
  };
}

function generationInit(body: Place): GenerationMembers {
  const metadata = optionalObject(body, 'metadata');
  const tier = optionalString(body, 'service_tier') ?? '';
  return {
    model: requiredName(body, 'model'),
    messages: decodeConversation(body),
    tools: decodeTools(body),
    ...decodeToolChoice(body),
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 1 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1 }),
    topK: optionalInteger(body, 'top_k', { min: 0, max: MAX_UINT32 }),
    stop: [...(optionalStrings(body, 'stop_sequences') ?? [])],
    responseFormat: responseFormat(body),
    reasoning: reasoning(body),
    serviceTier: TIER_OF_WORD.get(tier) ?? tier,
    endUserId: metadata && optionalString(metadata, 'user_id'),
    providerOptionsJson: options(body),
  };
}

/** output_config.format; output_format is its name in the beta. */
function responseFormat(body: Place): MessageInitShape<typeof ResponseFormatSchema> | undefined {
  const config = optionalObject(body, 'output_config');
  const format = (config && optionalObject(config, 'format')) ?? optionalObject(body, 'output_format');
  if (format === undefined || requiredString(format, 'type') !== 'json_schema') return undefined;
  const schema = requiredObject(format, 'schema');
  return {
    kind: { case: 'jsonSchema', value: { name: FORMAT_NAME, schemaJson: textOfJson(schema.json, schema.path) } },
  };
}

/** Formats have no name here, and must have one elsewhere. */
const FORMAT_NAME = 'answer';

/** Types of thinking that the contract has no word for ask for no more than thinking. */
function reasoning(body: Place): MessageInitShape<typeof ReasoningSchema> | undefined {
  const config = optionalObject(body, 'output_config');
  const effort = EFFORT_OF_WORD.get((config && optionalString(config, 'effort')) ?? '');
  const asked = effort === undefined ? {} : { effort };
  const thinking = optionalObject(body, 'thinking');
  if (thinking === undefined) return effort === undefined ? undefined : asked;
  const display = optionalString(thinking, 'display');
  const shown = display === undefined ? {} : { includeThoughts: display !== 'omitted' };
  switch (requiredString(thinking, 'type')) {
    case 'disabled':
      return { effort: ReasoningEffort.NONE };
    case 'enabled': {
      const budgetTokens = optionalInteger(thinking, 'budget_tokens', { min: 1, max: MAX_UINT32 });
      return { ...asked, ...shown, ...(budgetTokens !== undefined && { budgetTokens }) };
    }
    default:
      return { ...asked, ...shown };
  }
}

/** Members that have a place in the contract, or that the gateway decides. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'stream',
  'max_tokens',
  'cache_control',
  'metadata',
  'output_config',
  'output_format',
  'service_tier',
  'stop_sequences',
  'temperature',
  'thinking',
  'tool_choice',
  'tools',
  'top_k',
  'top_p',
  '__proto__',
]);

/** The others (container, context_management, mcp_servers and what is still to come) go to providers of this format alone. */
function options({ json, path }: Place): Record<string, string> | undefined {
  const members = Object.entries(json).filter(([name, value]) => !KNOWN.has(name) && value !== null);
  return members.length === 0 ? undefined : { [DIALECT]: textOfJson(Object.fromEntries(members), path) };
}
