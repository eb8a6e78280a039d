import {
  type Message,
  type Part,
  Role,
  type ToolCallPart,
  type ToolResultPart,
} from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import type { Losses } from '../losses.ts';
import { encodeUserContent, encodeWords, type Spot } from './encode-content.ts';

export interface EncodeTerms {
  readonly quirks: WireQuirks;
  readonly losses: Losses;
}

/** The conversation as the format has it. A result of a tool is a message of its own there. */
export function encodeMessages(messages: readonly Message[], terms: EncodeTerms): JsonObject[] {
  return messages.flatMap((message, index) => {
    const spots = message.parts.map((part, position) => {
      const spot = { part, path: `generation.messages[${index}].parts[${position}]`, losses: terms.losses };
      noteExtras(spot);
      return spot;
    });
    const results = spots.flatMap(encodeResult);
    const others = spots.filter(({ part }) => part.kind.case !== 'toolResult');
    return others.length > 0 || results.length === 0 ? [...results, encodeTurn(message, others, terms)] : results;
  });
}

/** What may stand on any part and has no place in this format. */
function noteExtras({ part, path, losses }: Spot): void {
  if (part.cacheControl !== undefined) {
    losses.dropped(`${path}.cache_control`, 'This format caches prompts unasked and has no marks for it.');
  }
  if (part.signature !== '') losses.dropped(`${path}.signature`, 'This format has no signatures.');
}

function encodeTurn(message: Message, spots: readonly Spot[], terms: EncodeTerms): JsonObject {
  const name = message.name === '' ? {} : { name: message.name };
  switch (message.role) {
    case Role.ASSISTANT:
      return { role: 'assistant', ...name, ...assistantMembers(spots, terms) };
    case Role.SYSTEM:
      return { role: 'system', ...name, content: contentOf(spots.flatMap(encodeWords)) };
    case Role.DEVELOPER:
      return {
        role: terms.quirks.developerRole ?? 'developer',
        ...name,
        content: contentOf(spots.flatMap(encodeWords)),
      };
    // Words beside a tool's results can only be a user's.
    default:
      return { role: 'user', ...name, content: contentOf(spots.flatMap(encodeUserContent)) };
  }
}

/** One text is written as a string, which every server understands. */
function contentOf(entries: readonly JsonObject[]): JsonValue {
  const [first, ...others] = entries;
  if (first === undefined) return '';
  return others.length === 0 && first['type'] === 'text' && typeof first['text'] === 'string' ? first['text'] : entries;
}

function assistantMembers(spots: readonly Spot[], terms: EncodeTerms): JsonObject {
  const { reasoningField } = terms.quirks;
  const words: JsonObject[] = [];
  const calls: JsonObject[] = [];
  const thoughts: string[] = [];
  let audio: JsonObject | undefined;
  for (const spot of spots) {
    const { kind } = spot.part;
    if (kind.case === 'toolCall') calls.push(...encodeCall(kind.value, spot));
    else if (kind.case === 'reasoning') thoughts.push(...encodeThought(spot, terms));
    else if (kind.case === 'audio' && kind.value.id !== '') audio = { id: kind.value.id };
    else words.push(...encodeWords(spot));
  }
  const silent = words.length === 0 && (calls.length > 0 || audio !== undefined);
  return {
    content: silent ? null : contentOf(words),
    ...(reasoningField !== undefined && thoughts.length > 0 && { [reasoningField]: thoughts.join('') }),
    ...(audio && { audio }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** Most servers of this format refuse a message with thoughts; those that want them back have a name for the member. */
function encodeThought({ part, path, losses }: Spot, { quirks }: EncodeTerms): string[] {
  if (part.kind.case !== 'reasoning') return [];
  const { text, redactedData } = part.kind.value;
  if (redactedData !== '') {
    losses.dropped(`${path}.reasoning.redacted_data`, 'This format has no encrypted reasoning.');
  }
  if (text === '') return [];
  if (quirks.reasoningField !== undefined) return [text];
  losses.dropped(`${path}.reasoning`, 'The provider takes no reasoning back.');
  return [];
}

function encodeCall(call: ToolCallPart, { path, losses }: Spot): JsonObject[] {
  if (call.providerExecuted) {
    losses.dropped(`${path}.tool_call`, "This format has no calls of a provider's own tools.");
    return [];
  }
  const { id, name, input } = call;
  return input.case === 'text'
    ? [{ id, type: 'custom', custom: { name, input: input.value } }]
    : [{ id, type: 'function', function: { name, arguments: input.value || '{}' } }];
}

function encodeResult({ part, path, losses }: Spot): JsonObject[] {
  if (part.kind.case !== 'toolResult') return [];
  const result: ToolResultPart = part.kind.value;
  if (result.providerExecuted) {
    losses.dropped(`${path}.tool_result`, "This format has no results of a provider's own tools.");
    return [];
  }
  if (result.isError) {
    losses.dropped(
      `${path}.tool_result.is_error`,
      'This format has no mark for a failed tool; its words still go along.',
    );
  }
  const entries = result.parts.flatMap((inner: Part, index) => {
    const spot = { part: inner, path: `${path}.tool_result.parts[${index}]`, losses };
    noteExtras(spot);
    return encodeWords(spot);
  });
  return [{ role: 'tool', tool_call_id: result.callId, content: contentOf(entries) }];
}

/** The text that most of the answer will match; undefined without any. */
export function encodePrediction(parts: readonly Part[], losses: Losses): JsonObject | undefined {
  const entries = parts.flatMap((part, index) =>
    encodeWords({ part, path: `generation.prediction[${index}]`, losses }),
  );
  return entries.length === 0 ? undefined : { type: 'content', content: contentOf(entries) };
}
