import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Message, MessageSchema, type Part, PartSchema, Role } from '../../../gen/sluice/v1/content_pb.ts';
import {
  asPlace,
  badField,
  optional,
  optionalObject,
  optionalObjects,
  optionalString,
  type Place,
  pathOf,
  requiredName,
  requiredObject,
  requiredString,
  wrongField,
} from '../read-fields.ts';
import { decodeContentPart } from './content-parts.ts';
import { messageThoughts, reasoningPart, splitCallSignatures } from './reasoning.ts';
import { SIGNED_BY, thoughtSignature } from './thought-signature.ts';

const ROLE_OF_WORD: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['system', Role.SYSTEM],
  ['developer', Role.DEVELOPER],
  ['user', Role.USER],
  ['assistant', Role.ASSISTANT],
  ['tool', Role.TOOL],
  ['function', Role.TOOL],
]);

/** The ids that were derived for calls of deprecated functions, by function: their results name only the function. */
type FunctionCallIds = Map<string, string>;

/** The conversation of a request. Throws SluiceError INVALID_REQUEST. */
export function decodeMessages(body: Place): Message[] {
  const messages = optionalObjects(body, 'messages');
  if (messages === undefined || messages.length === 0) {
    throw wrongField('messages', 'an array of at least one message', body.json['messages']);
  }
  const ids: FunctionCallIds = new Map();
  return messages.map((place, index) => {
    const word = place.json['role'];
    const role = typeof word === 'string' ? ROLE_OF_WORD.get(word) : undefined;
    if (role === undefined) {
      throw wrongField(pathOf(place, 'role'), `one of ${[...ROLE_OF_WORD.keys()].join(', ')}`, word);
    }
    const name = optionalString(place, 'name') ?? '';
    return create(MessageSchema, { role, name: role === Role.TOOL ? '' : name, parts: partsOf(place, index, ids) });
  });
}

function partsOf(place: Place, index: number, ids: FunctionCallIds): Part[] {
  switch (place.json['role']) {
    case 'assistant':
      return assistantParts(place, index, ids);
    case 'tool':
      return [toolResult(place, requiredString(place, 'tool_call_id'))];
    case 'function':
      return [toolResult(place, ids.get(requiredName(place, 'name')) ?? '')];
    default:
      return contentOf(place, 'required');
  }
}

function toolResult(place: Place, callId: string): Part {
  const name = optionalString(place, 'name') ?? '';
  // Results of deprecated functions may be null.
  const parts = contentOf(place, place.json['role'] === 'function' ? 'optional' : 'required');
  return create(PartSchema, { kind: { case: 'toolResult', value: { callId, name, parts } } });
}

/** Content as text or as a list of parts, which is not empty. */
function contentOf(place: Place, need: 'required' | 'optional'): Part[] {
  const content = optional(place, 'content');
  if (typeof content === 'string') return [create(PartSchema, { kind: { case: 'text', value: { text: content } } })];
  if (content === undefined && need === 'optional') return [];
  const path = pathOf(place, 'content');
  if (!Array.isArray(content) || content.length === 0) {
    throw wrongField(path, 'a string or an array of at least one part', place.json['content']);
  }
  return content.map((item, index) => decodeContentPart(asPlace(item, `${path}[${index}]`)));
}

/** An assistant's turn in the order of the contract: thoughts, words, sound, calls. All of them may be absent. */
function assistantParts(place: Place, index: number, ids: FunctionCallIds): Part[] {
  const content = place.json['content'] === '' ? [] : contentOf(place, 'optional');
  const refusal = optionalString(place, 'refusal') ?? '';
  const audio = optionalObject(place, 'audio');
  const calls = (optionalObjects(place, 'tool_calls') ?? []).map(toolCall);
  const call = optionalObject(place, 'function_call');
  return [
    ...thoughtsOf(place, calls),
    ...signed(content, thoughtSignature(place.json)),
    ...(refusal === '' ? [] : [create(PartSchema, { kind: { case: 'refusal', value: { text: refusal } } })]),
    ...(audio === undefined ? [] : [soundOf(audio)]),
    ...calls,
    ...(call === undefined ? [] : [functionCall(call, index, ids)]),
  ];
}

/** The turn's thoughts. Those that are the signatures of its calls go to the calls. */
function thoughtsOf(place: Place, calls: readonly Part[]): Part[] {
  const callIds = calls.flatMap(({ kind }) => (kind.case === 'toolCall' ? [kind.value.id] : []));
  const { thoughts, signatures } = splitCallSignatures(messageThoughts(place.json, undefined), new Set(callIds));
  for (const call of calls) {
    const signature = call.kind.case === 'toolCall' ? signatures.get(call.kind.value.id) : undefined;
    if (signature !== undefined) Object.assign(call, { signature, origin: SIGNED_BY });
  }
  return thoughts.map(reasoningPart);
}

/** The turn's own signature is that of its last text; of an empty one where it has none, which is how Gemini ends a turn. */
function signed(content: readonly Part[], signature: string): readonly Part[] {
  if (signature === '') return content;
  const last = content.findLast(({ kind }) => kind.case === 'text');
  const proof = { signature, origin: SIGNED_BY };
  if (last === undefined) return [...content, create(PartSchema, { kind: { case: 'text', value: {} }, ...proof })];
  Object.assign(last, proof);
  return content;
}

/** Sound of an earlier answer, of which only the id goes back. */
function soundOf(audio: Place): Part {
  return create(PartSchema, { kind: { case: 'audio', value: { id: requiredName(audio, 'id') } } });
}

type ToolCall = Extract<MessageInitShape<typeof PartSchema>['kind'], { case: 'toolCall' }>['value'];

const toolCallPart = (value: ToolCall): Part => create(PartSchema, { kind: { case: 'toolCall', value } });

function toolCall(place: Place): Part {
  const signature = thoughtSignature(place.json);
  const part = toolCallOf(place);
  return signature === '' ? part : Object.assign(part, { signature, origin: SIGNED_BY });
}

function toolCallOf(place: Place): Part {
  const id = requiredString(place, 'id');
  switch (requiredString(place, 'type')) {
    case 'function': {
      const called = requiredObject(place, 'function');
      const input = { case: 'argumentsJson' as const, value: requiredString(called, 'arguments') };
      return toolCallPart({ id, name: requiredName(called, 'name'), input });
    }
    case 'custom': {
      const called = requiredObject(place, 'custom');
      const input = { case: 'text' as const, value: requiredString(called, 'input') };
      return toolCallPart({ id, name: requiredName(called, 'name'), input });
    }
    default:
      throw wrongField(pathOf(place, 'type'), 'function or custom', place.json['type']);
  }
}

/** Deprecated calls have no id; one is derived from the message's position. */
function functionCall(place: Place, index: number, ids: FunctionCallIds): Part {
  const name = requiredName(place, 'name');
  const id = `call_${index}`;
  ids.set(name, id);
  return toolCallPart({ id, name, input: { case: 'argumentsJson', value: requiredString(place, 'arguments') } });
}

/** The text that most of the answer will match. */
export function decodePrediction(body: Place): Part[] {
  const prediction = optionalObject(body, 'prediction');
  if (prediction === undefined) return [];
  if (requiredString(prediction, 'type') !== 'content') {
    throw badField(pathOf(prediction, 'type'), "expected 'content'");
  }
  return contentOf(prediction, 'required');
}
