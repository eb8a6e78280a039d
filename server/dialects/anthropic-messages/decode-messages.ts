import { create } from '@bufbuild/protobuf';
import { type CacheControl, type Message, MessageSchema, type Part, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { optional, optionalObjects, type Place, pathOf, requiredString, wrongField } from '../read-fields.ts';
import { withSeals } from '../thought-envelope.ts';
import { decodeCacheControl, decodeContent, decodeRequestBlock } from './decode-blocks.ts';

const ROLE_OF_WORD: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['user', Role.USER],
  ['assistant', Role.ASSISTANT],
  ['system', Role.SYSTEM],
]);

/** The conversation of a request, its system prompt first. Throws SluiceError INVALID_REQUEST. */
export function decodeConversation(body: Place): Message[] {
  const places = optionalObjects(body, 'messages');
  if (places === undefined || places.length === 0) {
    throw wrongField('messages', 'an array of at least one message', body.json['messages']);
  }
  const system = decodeSystem(body);
  const messages = places.flatMap(decodeMessage);
  markLast(messages, decodeCacheControl(body));
  return system.length === 0 ? messages : [create(MessageSchema, { role: Role.SYSTEM, parts: system }), ...messages];
}

function decodeSystem(body: Place): Part[] {
  const system = optional(body, 'system');
  if (system === undefined || typeof system === 'string' || Array.isArray(system)) {
    return decodeContent(body, 'system', decodeRequestBlock);
  }
  throw wrongField('system', 'a string or an array of text blocks', system);
}

/** Results of tools that stand in a user's turn become a message of their own, as other formats have them. */
function decodeMessage(place: Place): Message[] {
  const word = requiredString(place, 'role');
  const role = ROLE_OF_WORD.get(word);
  if (role === undefined)
    throw wrongField(pathOf(place, 'role'), `one of ${[...ROLE_OF_WORD.keys()].join(', ')}`, word);
  const { content } = place.json;
  if (typeof content !== 'string' && !Array.isArray(content)) {
    throw wrongField(pathOf(place, 'content'), 'a string or an array of content blocks', content);
  }
  const parts = decodeContent(place, 'content', decodeRequestBlock);
  if (role === Role.ASSISTANT) return [create(MessageSchema, { role, parts: withSeals(parts) })];
  if (parts.length === 0) {
    throw wrongField(pathOf(place, 'content'), 'at least one character or content block', content);
  }
  return runsOf(parts).map((run) => create(MessageSchema, { role: isResult(run[0]) ? Role.TOOL : role, parts: run }));
}

const isResult = (part: Part | undefined): boolean => part?.kind.case === 'toolResult';

/** The parts in runs of results and of others. */
function runsOf(parts: readonly Part[]): Part[][] {
  const runs: Part[][] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    if (last !== undefined && isResult(last[0]) === isResult(part)) last.push(part);
    else runs.push([part]);
  }
  return runs;
}

/** A mark on the body stands for one on its last block. */
function markLast(messages: readonly Message[], mark: CacheControl | undefined): void {
  const part = messages.at(-1)?.parts.at(-1);
  if (part !== undefined && mark !== undefined) part.cacheControl ??= mark;
}
