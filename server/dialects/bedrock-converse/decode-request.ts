import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Message, MessageSchema, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import { MetadataSchema } from '../../../gen/sluice/v1/metadata_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DecodedChatRequest, RequestEnvelope } from '../dialect.ts';
import {
  badField,
  MAX_UINT32,
  optional,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalObjects,
  optionalString,
  optionalStrings,
  type Place,
  pathOf,
  requiredString,
  wrongField,
} from '../read-fields.ts';
import { decodeBlocks } from './decode-blocks.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { DIALECT } from './wire.ts';

/**
 * The body of POST /model/{modelId}/converse and …/converse-stream; the envelope says which model and which of the two.
 * Throws SluiceError INVALID_REQUEST with param where a member that the format knows has a wrong shape. Settings of a
 * model's own stay in wire.
 */
export function decodeRequest(json: JsonObject, envelope: RequestEnvelope = {}): DecodedChatRequest {
  const body: Place = { json, path: '' };
  const { model = '', stream = false } = envelope;
  if (model === '') throw badField('modelId', 'expected the name of a model in the path');
  const toolChoice = decodeToolChoice(body);
  const generation = create(GenerationSchema, {
    model,
    messages: [...decodeSystem(body), ...decodeMessages(body)],
    tools: decodeTools(body),
    ...(toolChoice && { toolChoice }),
    ...decodeInference(body),
    serviceTier: serviceTier(body),
  });
  return {
    generation,
    metadata: create(MetadataSchema),
    stream,
    // metadata, where usage is, always ends a stream.
    includeUsage: true,
    wire: { dialect: DIALECT, json },
  };
}

function decodeSystem(body: Place): Message[] {
  const parts = optional(body, 'system') === undefined ? [] : decodeBlocks(body, 'system');
  return parts.length === 0 ? [] : [create(MessageSchema, { role: Role.SYSTEM, parts })];
}

const ROLE_OF_WORD: ReadonlyMap<string, Role> = new Map([
  ['user', Role.USER],
  ['assistant', Role.ASSISTANT],
]);

/** A turn that holds results of tools alone is the tools'. */
function decodeMessages(body: Place): Message[] {
  const messages = optionalObjects(body, 'messages') ?? [];
  if (messages.length === 0) throw wrongField('messages', 'an array of at least one message', body.json['messages']);
  return messages.map((place) => {
    const role = ROLE_OF_WORD.get(requiredString(place, 'role'));
    if (role === undefined) throw wrongField(pathOf(place, 'role'), 'user or assistant', place.json['role']);
    const parts = decodeBlocks(place, 'content');
    const onlyResults = parts.length > 0 && parts.every(({ kind }) => kind.case === 'toolResult');
    return create(MessageSchema, { role: onlyResults ? Role.TOOL : role, parts });
  });
}

function decodeInference(body: Place): MessageInitShape<typeof GenerationSchema> {
  const place = optionalObject(body, 'inferenceConfig');
  if (place === undefined) return {};
  const maxOutputTokens = optionalInteger(place, 'maxTokens', { min: 1, max: MAX_UINT32 });
  const temperature = optionalNumber(place, 'temperature', { min: 0, max: 1 });
  const topP = optionalNumber(place, 'topP', { min: 0, max: 1 });
  return {
    stop: [...(optionalStrings(place, 'stopSequences') ?? [])],
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
  };
}

function serviceTier(body: Place): string {
  const tier = optionalObject(body, 'serviceTier');
  return (tier && optionalString(tier, 'type')) ?? '';
}
