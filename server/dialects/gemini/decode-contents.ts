import { create } from '@bufbuild/protobuf';
import { type Message, MessageSchema, type Part, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { decodeBase64 } from '../data-url.ts';
import {
  badField,
  optional,
  optionalBoolean,
  optionalObject,
  optionalString,
  type Place,
  pathOf,
  requiredName,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { isNothing } from './decode-response.ts';
import { optionalMessage, optionalMessages } from './proto-members.ts';
import { readPart } from './read-part.ts';
import { derivedCallId } from './wire.ts';

/** A role may be left out in a conversation of one turn. */
const ROLE_OF_WORD: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['', Role.USER],
  ['user', Role.USER],
  ['model', Role.ASSISTANT],
  ['function', Role.TOOL],
]);

/** A call that no result has answered yet. */
interface OpenCall {
  readonly id: string;
  readonly name: string;
}

/** The conversation of a request: systemInstruction, then contents. Throws SluiceError INVALID_REQUEST. */
export function decodeMessages(body: Place): Message[] {
  const contents = optionalMessages(body, 'contents');
  if (contents === undefined || contents.length === 0) {
    throw wrongField('contents', 'an array of at least one content', body.json['contents']);
  }
  const open: OpenCall[] = [];
  const turns = contents.map((content, index) => decodeContent(content, index, open));
  return [...decodeSystem(body), ...turns];
}

function decodeSystem(body: Place): Message[] {
  const content = optionalMessage(body, 'systemInstruction');
  if (content === undefined) return [];
  const parts = partPlaces(content).map((place) => readPart(checkedPart(place).json, ''));
  return parts.length === 0 ? [] : [create(MessageSchema, { role: Role.SYSTEM, parts })];
}

function partPlaces(content: Place): readonly Place[] {
  return optionalMessages(content, 'parts') ?? [];
}

function decodeContent(content: Place, index: number, open: OpenCall[]): Message {
  const word = optionalString(content, 'role') ?? '';
  const role = ROLE_OF_WORD.get(word);
  if (role === undefined) throw wrongField(pathOf(content, 'role'), 'user, model or function', word);
  const parts = partPlaces(content).map((place, position) =>
    decodePart(place, derivedCallId('', index, position), open),
  );
  if (role === Role.ASSISTANT) {
    // Models end a stream with an empty text, and SDKs keep it.
    return create(MessageSchema, { role, parts: parts.filter((part) => !isNothing(part)) });
  }
  if (parts.length === 0)
    throw wrongField(pathOf(content, 'parts'), 'an array of at least one part', content.json['parts']);
  const results = parts.every(({ kind }) => kind.case === 'toolResult');
  return create(MessageSchema, { role: results ? Role.TOOL : Role.USER, parts });
}

function decodePart(place: Place, callId: string, open: OpenCall[]): Part {
  const { json } = checkedPart(place);
  const result = optionalMessage({ json, path: place.path }, 'functionResponse');
  if (result !== undefined) return readPart(json, answered(result, open));
  const part = readPart(json, callId);
  if (part.kind.case === 'toolCall') open.push({ id: part.kind.value.id, name: part.kind.value.name });
  return part;
}

/** A result without an id answers the oldest call of that name that is open; it is then no longer open. */
function answered(result: Place, open: OpenCall[]): string {
  const id = optionalString(result, 'id') ?? '';
  const name = requiredName(result, 'name');
  const at = open.findIndex((call) => (id === '' ? call.name === name : call.id === id));
  const [call] = at < 0 ? [] : open.splice(at, 1);
  return call?.id ?? derivedCallId(name, 0, 0);
}

/** Members whose value is a message. Maps and JSON within them keep their names. */
const MESSAGES = ['inlineData', 'fileData', 'functionCall', 'functionResponse'] as const;

/** A part whose known members have the right shapes, all names in camelCase. */
function checkedPart(place: Place): Place {
  const known = MESSAGES.flatMap((name) => {
    const message = optionalMessage(place, name);
    return message === undefined ? [] : [[name, message] as const];
  });
  for (const [name, message] of known) CHECKS[name](message);
  optionalString(place, 'text');
  optionalString(place, 'thoughtSignature');
  optionalBoolean(place, 'thought');
  // Deep values are written as text further on.
  textOfJson(place.json, place.path);
  const media = known.find(([name]) => name === 'functionResponse')?.[1];
  const parts =
    media === undefined ? undefined : optionalMessages(media, 'parts')?.map((part) => checkedPart(part).json);
  const messages = known.map(([name, { json }]) => [
    name,
    name === 'functionResponse' && parts !== undefined ? { ...json, parts } : json,
  ]);
  return { json: { ...place.json, ...Object.fromEntries(messages) }, path: place.path };
}

const CHECKS: Readonly<Record<(typeof MESSAGES)[number], (place: Place) => void>> = {
  inlineData(place) {
    optionalString(place, 'mimeType');
    if (decodeBase64(requiredString(place, 'data')) === undefined) {
      throw badField(pathOf(place, 'data'), 'it is not base64');
    }
  },
  fileData(place) {
    optionalString(place, 'mimeType');
    requiredName(place, 'fileUri');
  },
  functionCall(place) {
    requiredName(place, 'name');
    optionalString(place, 'id');
    optionalObject(place, 'args');
  },
  functionResponse(place) {
    requiredName(place, 'name');
    if (optional(place, 'response') !== undefined) optionalObject(place, 'response');
  },
};
