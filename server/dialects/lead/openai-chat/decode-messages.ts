import { create } from '@bufbuild/protobuf';
import {
  type CacheControl,
  CacheControlSchema,
  CacheTtl,
  type Message,
  MessageSchema,
  type Part,
  PartSchema,
  Role,
} from '../../../../gen/sluice/v1/content_pb.ts';
import type { JsonValue } from '../../../core/json.ts';
import { type Item, itemMembers, type Members, wrongShape } from '../read-members.ts';
import { sourceFromBase64, sourceFromUrl } from './media.ts';
import { rawPart, reasoningPart, refusalPart, textPart } from './parts.ts';

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['system', Role.SYSTEM],
  ['developer', Role.DEVELOPER],
  ['user', Role.USER],
  ['assistant', Role.ASSISTANT],
  ['tool', Role.TOOL],
  // Deprecated: the result of a function_call.
  ['function', Role.TOOL],
]);

/** messages[i] as the canonical message. Throws INVALID_REQUEST naming the member. */
export function decodeMessage(item: Item): Message {
  const members = itemMembers(item);
  const word = members.requiredString('role');
  const role = ROLES.get(word);
  if (role === undefined) throw members.wrong('role', `one of ${[...ROLES.keys()].join(', ')}`);
  return create(MessageSchema, {
    role,
    name: role === Role.TOOL ? '' : (members.string('name') ?? ''),
    parts: role === Role.TOOL ? [toolResult(members, word)] : [...spoken(members, role)],
  });
}

/** What a system, developer, user or assistant message says, in the order thoughts, text, calls. */
function* spoken(members: Members, role: Role): Generator<Part> {
  if (role === Role.ASSISTANT) {
    const thoughts = members.string('reasoning_content') ?? (typeof members.json.reasoning === 'string' ? members.json.reasoning : undefined);
    if (thoughts !== undefined && thoughts !== '') yield reasoningPart(thoughts);
  }
  yield* content(members, role);
  if (role !== Role.ASSISTANT) return;
  const refusal = members.string('refusal');
  if (refusal !== undefined) yield refusalPart(refusal);
  const audioId = members.object('audio')?.requiredString('id');
  if (audioId !== undefined) yield create(PartSchema, { kind: { case: 'audio', value: { id: audioId } } });
  for (const call of members.array('tool_calls') ?? []) yield toolCall(itemMembers(call));
  const functionCall = members.object('function_call');
  if (functionCall !== undefined) yield callOf('', functionCall);
}

function* content(members: Members, role: Role): Generator<Part> {
  const value = members.json.content;
  if (value === undefined || value === null) {
    if (role !== Role.ASSISTANT) throw members.wrong('content', 'a string or an array of parts');
    return;
  }
  if (typeof value === 'string') {
    // An assistant that only called tools has said nothing; elsewhere an empty text is a text.
    if (value !== '' || role !== Role.ASSISTANT) yield textPart(value);
    return;
  }
  if (!Array.isArray(value)) throw members.wrong('content', 'a string or an array of parts');
  for (const part of members.requiredArray('content')) yield decodePart(part);
}

/** One content part. A type that this format does not know is kept as it is. */
function decodePart(item: Item): Part {
  const members = itemMembers(item);
  const part = partOfType(members, members.requiredString('type'));
  const cacheControl = readCacheControl(members);
  if (cacheControl !== undefined) part.cacheControl = cacheControl;
  return part;
}

function partOfType(members: Members, type: string): Part {
  switch (type) {
    case 'text':
      return textPart(members.requiredString('text'));
    case 'refusal':
      return refusalPart(members.requiredString('refusal'));
    case 'image_url': {
      const image = members.requiredObject('image_url');
      const source = sourceFromUrl(image.requiredString('url'));
      return create(PartSchema, { kind: { case: 'image', value: { source, detail: image.string('detail') ?? '' } } });
    }
    case 'input_audio': {
      const audio = members.requiredObject('input_audio');
      const format = audio.requiredString('format');
      const source = sourceFromBase64(audio.requiredString('data'), `audio/${format}`);
      return create(PartSchema, { kind: { case: 'audio', value: { source, format } } });
    }
    case 'file':
      return filePart(members.requiredObject('file'));
    default:
      return rawPart(members.json);
  }
}

function filePart(file: Members): Part {
  const data = file.string('file_data');
  const id = file.string('file_id');
  const filename = file.string('filename') ?? '';
  if (data !== undefined) {
    return create(PartSchema, { kind: { case: 'file', value: { source: sourceFromUrl(data), filename } } });
  }
  if (id === undefined) throw file.wrong('file_id', 'a string, unless there is file_data');
  const source = { location: { case: 'fileId' as const, value: id } };
  return create(PartSchema, { kind: { case: 'file', value: { source, filename } } });
}

function toolCall(members: Members): Part {
  const id = members.string('id') ?? '';
  const type = members.string('type') ?? 'function';
  if (type === 'custom') {
    const custom = members.requiredObject('custom');
    const input = { case: 'text' as const, value: custom.requiredString('input') };
    return create(PartSchema, { kind: { case: 'toolCall', value: { id, name: custom.requiredString('name'), input } } });
  }
  if (type !== 'function') return rawPart(members.json);
  return callOf(id, members.requiredObject('function'));
}

function callOf(id: string, called: Members): Part {
  const name = called.requiredString('name');
  const input = { case: 'argumentsJson' as const, value: called.string('arguments') ?? '' };
  return create(PartSchema, { kind: { case: 'toolCall', value: { id, name, input } } });
}

function toolResult(members: Members, word: string): Part {
  const callId = word === 'tool' ? members.requiredString('tool_call_id') : '';
  const name = (word === 'tool' ? members.string('name') : members.requiredString('name')) ?? '';
  const value: JsonValue | undefined = members.json.content;
  const parts =
    typeof value === 'string'
      ? [textPart(value)]
      : value === null && word === 'function'
        ? []
        : members.requiredArray('content').map(decodePart);
  const part = create(PartSchema, { kind: { case: 'toolResult', value: { callId, name, parts } } });
  const cacheControl = readCacheControl(members);
  if (cacheControl !== undefined) part.cacheControl = cacheControl;
  return part;
}

/** cache_control as Anthropic's API and those that follow it write it: {"type": "ephemeral", "ttl": "5m" | "1h"}. */
export function readCacheControl(members: Members): CacheControl | undefined {
  const control = members.object('cache_control');
  if (control === undefined) return undefined;
  const ttl = control.string('ttl');
  if (ttl !== undefined && ttl !== '5m' && ttl !== '1h') throw wrongShape(`${control.path}.ttl`, '5m or 1h', ttl);
  const value = ttl === '1h' ? CacheTtl.CACHE_TTL_1H : ttl === '5m' ? CacheTtl.CACHE_TTL_5M : CacheTtl.CACHE_TTL_UNSPECIFIED;
  return create(CacheControlSchema, { ttl: value });
}
