import { create } from '@bufbuild/protobuf';
import { type Message, MessageSchema, type Part, PartSchema, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { isDataUrl, parseDataUrl } from '../data-url.ts';
import {
  asPlace,
  badField,
  optional,
  optionalObjects,
  optionalString,
  type Place,
  pathOf,
  requiredName,
  requiredObject,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { DIALECT } from './wire.ts';

const ROLE_OF_WORD: ReadonlyMap<string, Role> = new Map([
  ['system', Role.SYSTEM],
  ['user', Role.USER],
  ['assistant', Role.ASSISTANT],
  ['tool', Role.TOOL],
]);

/** The conversation of a request. Throws SluiceError INVALID_REQUEST. */
export function decodeMessages(body: Place): Message[] {
  const messages = optionalObjects(body, 'messages');
  if (messages === undefined || messages.length === 0) {
    throw wrongField('messages', 'an array of at least one message', body.json['messages']);
  }
  return messages.map((place) => {
    const role = ROLE_OF_WORD.get(requiredString(place, 'role'));
    if (role === undefined) {
      throw wrongField(pathOf(place, 'role'), `one of ${[...ROLE_OF_WORD.keys()].join(', ')}`, place.json['role']);
    }
    return create(MessageSchema, { role, parts: partsOf(place, role) });
  });
}

function partsOf(place: Place, role: Role): Part[] {
  switch (role) {
    case Role.ASSISTANT:
      return assistantParts(place);
    case Role.TOOL: {
      const value = { callId: requiredString(place, 'tool_call_id'), parts: contentOf(place) };
      return [create(PartSchema, { kind: { case: 'toolResult', value } })];
    }
    default:
      return contentOf(place);
  }
}

/** Content as text or as a list of entries. */
function contentOf(place: Place): Part[] {
  const content = optional(place, 'content');
  if (typeof content === 'string') return [textPart(content)];
  const path = pathOf(place, 'content');
  if (!Array.isArray(content)) throw wrongField(path, 'a string or an array', place.json['content']);
  return content.map((item, index) => entryPart(asPlace(item, `${path}[${index}]`)));
}

function textPart(text: string): Part {
  return create(PartSchema, { kind: { case: 'text', value: { text } } });
}

function thoughtPart(text: string): Part {
  return create(PartSchema, { kind: { case: 'reasoning', value: { text } } });
}

/** A type that the format does not know becomes a RawPart. */
function entryPart(place: Place): Part {
  switch (requiredString(place, 'type')) {
    case 'text':
      return textPart(requiredString(place, 'text'));
    case 'thinking':
      return thoughtPart(requiredString(place, 'thinking'));
    case 'image_url':
      return imagePart(requiredObject(place, 'image_url'));
    case 'document':
      return documentPart(place);
    default:
      return rawPart(place);
  }
}

function rawPart(place: Place): Part {
  const json = textOfJson(place.json, place.path);
  return create(PartSchema, { kind: { case: 'raw', value: { dialect: DIALECT, json } } });
}

/** A document's data as the JSON text that it is, or as text; more than data has no place in the contract. */
function documentPart(place: Place): Part {
  const document = requiredObject(place, 'document');
  const { data, ...others } = document.json;
  if (data === undefined || Object.keys(others).length > 0) return rawPart(place);
  return textPart(typeof data === 'string' ? data : textOfJson(data, pathOf(document, 'data')));
}

function imagePart(image: Place): Part {
  const url = requiredString(image, 'url');
  const detail = optionalString(image, 'detail') ?? '';
  if (!isDataUrl(url)) {
    const source = { location: { case: 'url' as const, value: url } };
    return create(PartSchema, { kind: { case: 'image', value: { source, detail } } });
  }
  const inline = parseDataUrl(url);
  if (inline === undefined) throw badField(pathOf(image, 'url'), 'it is a broken data: URL');
  const { data: value, mediaType } = inline;
  const source = { location: { case: 'data' as const, value }, mediaType };
  return create(PartSchema, { kind: { case: 'image', value: { source, detail } } });
}

/** An assistant's turn: the plan, the content and the calls, all of which may be absent. */
function assistantParts(place: Place): Part[] {
  const plan = optionalString(place, 'tool_plan') ?? '';
  const content = optional(place, 'content') === undefined || place.json['content'] === '' ? [] : contentOf(place);
  const calls = optionalObjects(place, 'tool_calls') ?? [];
  return [...(plan === '' ? [] : [thoughtPart(plan)]), ...content, ...calls.map(callPart)];
}

function callPart(place: Place): Part {
  const called = requiredObject(place, 'function');
  const value = {
    id: requiredString(place, 'id'),
    name: requiredName(called, 'name'),
    input: { case: 'argumentsJson' as const, value: requiredString(called, 'arguments') },
  };
  return create(PartSchema, { kind: { case: 'toolCall', value } });
}
