import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { objectsOf } from '../read-answer.ts';
import { fitToolCallId } from '../tool-call-id.ts';
import { withoutForeignThoughts } from './foreign-thoughts.ts';
import { lacksThoughts } from './open-turn.ts';
import { TOOL_ID_RULE } from './tool-ids.ts';
import type { Turn } from './turn.ts';

/**
 * A caller's own body as a provider of this format takes it, whoever answered the turns before: thoughts and ids of calls
 * that came through here from models of other formats would be refused. A conversation of this format alone stays as it is.
 */
export function fitOwnBody(body: JsonObject, losses: Losses): JsonObject {
  const own = withFittingIds(withoutForeignThoughts(body, losses));
  const { thinking, ...others } = own;
  if (!isJsonObject(thinking) || thinking['type'] !== 'enabled' || !lacksThoughts(turnsOf(own))) return own;
  const why = 'A turn that calls tools must begin with its thoughts there, and they are not at hand.';
  losses.dropped('generation.reasoning', why);
  return others;
}

function turnsOf({ messages }: JsonObject): Turn[] {
  return objectsOf(messages).map(({ role, content }) => ({
    role: role === 'assistant' ? 'assistant' : 'user',
    content: objectsOf(content),
  }));
}

function withFittingIds(body: JsonObject): JsonObject {
  const { messages } = body;
  if (!Array.isArray(messages)) return body;
  const fitted = messages.map(withFittingBlocks);
  return fitted.every((message, at) => message === messages[at]) ? body : { ...body, messages: fitted };
}

function withFittingBlocks(message: JsonValue): JsonValue {
  if (!isJsonObject(message) || !Array.isArray(message['content'])) return message;
  const { content } = message;
  const fitted = content.map(withFittingId);
  return fitted.every((block, at) => block === content[at]) ? message : { ...message, content: fitted };
}

/** The member that names a call, by the type of its block. */
const ID_MEMBER: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ['tool_use', 'id'],
  ['tool_result', 'tool_use_id'],
]);

function withFittingId(block: JsonValue): JsonValue {
  const member = isJsonObject(block) ? ID_MEMBER.get(block['type']) : undefined;
  if (!isJsonObject(block) || member === undefined) return block;
  const id = block[member];
  if (typeof id !== 'string' || TOOL_ID_RULE.pattern.test(id)) return block;
  return { ...block, [member]: fitToolCallId(id, TOOL_ID_RULE) };
}
