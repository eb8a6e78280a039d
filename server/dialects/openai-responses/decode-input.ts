import { create } from '@bufbuild/protobuf';
import { type Message, MessageSchema, type Part, PartSchema, Role } from '../../../gen/sluice/v1/content_pb.ts';
import {
  asPlace,
  optional,
  optionalObjects,
  optionalString,
  type Place,
  pathOf,
  requiredName,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { withSeals } from '../thought-envelope.ts';
import { decodeContent } from './input-content.ts';
import { itemParts, rawPart } from './item-parts.ts';
import { DIALECT } from './wire.ts';

const ROLE_OF_WORD: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['system', Role.SYSTEM],
  ['developer', Role.DEVELOPER],
  ['user', Role.USER],
  ['assistant', Role.ASSISTANT],
]);

/** Members that stand for a conversation that the provider knows, so that no input is needed beside them. */
const INSTEAD_OF_INPUT = ['previous_response_id', 'conversation', 'prompt'] as const;

/** A turn, or a piece of one: neighbours of an assistant's or a tool's role are one message. */
interface Turn {
  readonly role: Role;
  readonly parts: Part[];
}

/** The conversation: instructions first, as the system's message, then the input. Throws SluiceError INVALID_REQUEST. */
export function decodeConversation(body: Place): Message[] {
  const instructions = optionalString(body, 'instructions');
  const turns: Turn[] = instructions === undefined ? [] : [{ role: Role.SYSTEM, parts: [textPart(instructions)] }];
  for (const turn of inputTurns(body)) addTurn(turns, turn);
  return turns.map(({ role, parts }) => create(MessageSchema, { role, parts: withSeals(parts) }));
}

const textPart = (text: string): Part => create(PartSchema, { kind: { case: 'text', value: { text } } });

function inputTurns(body: Place): Turn[] {
  const input = optional(body, 'input');
  if (typeof input === 'string') return [{ role: Role.USER, parts: [textPart(input)] }];
  if (input === undefined && INSTEAD_OF_INPUT.some((member) => optional(body, member) !== undefined)) return [];
  if (!Array.isArray(input)) throw wrongField('input', 'a string or an array', body.json['input']);
  return input.map((item, index) => turnOf(asPlace(item, `input[${index}]`), index));
}

function addTurn(turns: Turn[], turn: Turn): void {
  const last = turns.at(-1);
  const joins = turn.role === Role.ASSISTANT || turn.role === Role.TOOL;
  if (joins && last?.role === turn.role) last.parts.push(...turn.parts);
  else turns.push(turn);
}

function turnOf(place: Place, index: number): Turn {
  const type = optionalString(place, 'type') ?? (place.json['role'] === undefined ? '' : 'message');
  switch (type) {
    case 'message':
      return messageTurn(place);
    case 'function_call':
      requiredString(place, 'arguments');
      return callTurn(place, index);
    case 'custom_tool_call':
      requiredString(place, 'input');
      return callTurn(place, index);
    case 'function_call_output':
    case 'custom_tool_call_output':
      return { role: Role.TOOL, parts: [toolResult(place)] };
    case 'reasoning':
      return reasoningTurn(place, index);
    case '':
      throw wrongField(pathOf(place, 'type'), 'the type of an item', place.json['type']);
    default:
      return hostedTurn(place, type);
  }
}

function messageTurn(place: Place): Turn {
  const word = place.json['role'];
  const role = typeof word === 'string' ? ROLE_OF_WORD.get(word) : undefined;
  if (role === undefined) {
    throw wrongField(pathOf(place, 'role'), `one of ${[...ROLE_OF_WORD.keys()].join(', ')}`, word);
  }
  const parts = decodeContent(place, 'content');
  const id = role === Role.ASSISTANT ? (optionalString(place, 'id') ?? '') : '';
  return { role, parts: id === '' ? parts : parts.map((part) => Object.assign(part, { itemId: id, origin: DIALECT })) };
}

function callTurn(place: Place, index: number): Turn {
  requiredName(place, 'call_id');
  requiredName(place, 'name');
  optionalString(place, 'id');
  return { role: Role.ASSISTANT, parts: itemParts(place.json, index) };
}

function reasoningTurn(place: Place, index: number): Turn {
  for (const text of optionalObjects(place, 'summary') ?? []) requiredString(text, 'text');
  for (const text of optionalObjects(place, 'content') ?? []) requiredString(text, 'text');
  optionalString(place, 'encrypted_content');
  optionalString(place, 'id');
  return { role: Role.ASSISTANT, parts: itemParts(place.json, index) };
}

function toolResult(place: Place): Part {
  const callId = requiredName(place, 'call_id');
  return create(PartSchema, {
    kind: { case: 'toolResult', value: { callId, parts: decodeContent(place, 'output') } },
  });
}

/** Items that the contract has no parts for go along as they are: what a tool gave as the tool's, all else as the model's. */
function hostedTurn(place: Place, type: string): Turn {
  textOfJson(place.json, place.path);
  const role = /_(?:output|response)$/.test(type) ? Role.TOOL : Role.ASSISTANT;
  return { role, parts: [rawPart(place.json)] };
}
