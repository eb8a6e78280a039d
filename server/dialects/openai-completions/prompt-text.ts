import { type Message, type Part, Role } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { badField } from '../read-fields.ts';
import { DIALECT } from './wire.ts';

const SPEAKERS: ReadonlyMap<Role, string> = new Map<Role, string>([
  [Role.SYSTEM, 'System'],
  [Role.DEVELOPER, 'System'],
  [Role.USER, 'User'],
  [Role.ASSISTANT, 'Assistant'],
  [Role.TOOL, 'Tool'],
]);

/**
 * The prompt that a conversation is written as: a single user's message as it is; several as prompts of their own where a
 * part of them is tokens; any other conversation as its script, which ends where the assistant is to speak.
 */
export function encodePrompt(messages: readonly Message[], losses: Losses): JsonValue {
  const [first, ...others] = messages;
  const tokens = messages.flatMap((message, index) => tokensOf(message, index));
  if (tokens.length > 0 && tokens.length === messages.length) return tokens.length === 1 ? (tokens[0] ?? '') : tokens;
  if (first !== undefined && others.length === 0 && first.role === Role.USER) return messageText(first, 0, losses);
  losses.approximated('generation.messages', 'This format has one prompt: the conversation is sent as its script.');
  const script = messages.map((message, index) => {
    const text = messageText(message, index, losses);
    return `${SPEAKERS.get(message.role) ?? 'User'}: ${text}`;
  });
  return [...script, 'Assistant:'].join('\n\n');
}

/** A prompt of tokens, as this format's door decoded it. */
function tokensOf({ parts }: Message, index: number): JsonValue[] {
  const [part, ...others] = parts;
  if (others.length > 0 || part?.kind.case !== 'raw' || part.kind.value.dialect !== DIALECT) return [];
  try {
    const tokens: JsonValue = JSON.parse(part.kind.value.json);
    return Array.isArray(tokens) ? [tokens] : [];
  } catch {
    throw badField(`generation.messages[${index}].parts[0].raw.json`, 'it is not JSON');
  }
}

function messageText({ parts, name }: Message, index: number, losses: Losses): string {
  const path = `generation.messages[${index}]`;
  if (name !== '') losses.dropped(`${path}.name`, 'This format has no names of participants.');
  return parts.flatMap((part, position) => partText(part, `${path}.parts[${position}]`, losses)).join('');
}

function partText(part: Part, path: string, losses: Losses): string[] {
  if (part.cacheControl !== undefined) {
    losses.dropped(`${path}.cache_control`, 'This format has no marks for prompt caches.');
  }
  if (part.signature !== '') losses.dropped(`${path}.signature`, 'This format has no signatures.');
  const { kind } = part;
  switch (kind.case) {
    case 'text':
    case 'refusal':
      return [kind.value.text];
    case 'toolResult':
      return kind.value.parts.flatMap((inner, at) => partText(inner, `${path}.tool_result.parts[${at}]`, losses));
    case 'toolCall':
      losses.approximated(`${path}.tool_call`, 'This format has no calls of tools: the call is sent as text.');
      return [`${kind.value.name}(${kind.value.input.value ?? ''})`];
    default:
      losses.dropped(path, `This format has no ${kind.case ?? 'unknown'} parts.`);
      return [];
  }
}
