import type { Part, ToolCallPart, ToolResultPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { parsedObject } from '../json-text.ts';
import { cacheMark } from './cache-marks.ts';
import { encodeProviderCall, encodeProviderResult, isOwn, proofMembers } from './encode-blocks.ts';
import { encodeContent, type Spot } from './encode-content.ts';
import type { ToolIds } from './tool-ids.ts';
import { DIALECT } from './wire.ts';

/** The blocks for a part of an assistant's turn. */
export function encodeAssistantPart(spot: Spot, ids: ToolIds): JsonObject[] {
  const { part, path, losses } = spot;
  const { kind } = part;
  switch (kind.case) {
    case 'reasoning':
      return encodeThought(spot);
    case 'toolCall':
      return marked(spot, encodeCall(kind.value, spot, ids));
    case 'toolResult':
      return marked(spot, encodeOwnResult(kind.value, spot));
    case 'image':
    case 'file':
      losses.dropped(`${path}.${kind.case}`, 'This format takes no media in the words of the model.');
      return [];
    default:
      return encodeContent(spot);
  }
}

/** The blocks for a part of a user's turn, or of the results of tools. */
export function encodeUserPart(spot: Spot, ids: ToolIds): JsonObject[] {
  const { kind } = spot.part;
  return kind.case === 'toolResult' ? marked(spot, encodeResult(kind.value, spot, ids)) : encodeContent(spot);
}

function marked({ part, path, losses }: Spot, blocks: readonly JsonObject[]): JsonObject[] {
  const mark = cacheMark(part.cacheControl, path, losses);
  return blocks.map((block) => ({ ...block, ...mark }));
}

/** Thoughts go back only with the proof that the provider gave them: without it, it refuses them. */
function encodeThought({ part, path, losses }: Spot): JsonObject[] {
  if (part.kind.case !== 'reasoning') return [];
  const { text, redactedData } = part.kind.value;
  if (isOwn(part) && redactedData !== '') return [{ type: 'redacted_thinking', data: redactedData }];
  if (isOwn(part) && part.signature !== '') return [{ type: 'thinking', thinking: text, signature: part.signature }];
  losses.dropped(`${path}.reasoning`, 'Thoughts without a signature of this format cannot go back.');
  return [];
}

/** An input must be an object there: text of a custom tool, or what a model wrote wrong, becomes the member "input" of one. */
function encodeCall(call: ToolCallPart, { part, path, losses }: Spot, ids: ToolIds): JsonObject[] {
  if (call.providerExecuted) {
    const block = encodeProviderCall(part, call);
    if (block === undefined) losses.dropped(`${path}.tool_call`, "This format has no calls of other providers' tools.");
    return block === undefined ? [] : [block];
  }
  if (part.signature !== '' && part.origin !== DIALECT) {
    losses.dropped(`${path}.signature`, 'Calls have no signatures there.');
  }
  const { id, name, input } = call;
  const text = input.value ?? '';
  const object = input.case === 'text' ? undefined : text.trim() === '' ? {} : parsedObject(text);
  if (object === undefined) {
    losses.approximated(
      `${path}.tool_call.input`,
      'The input is no JSON object; it is sent as the member "input" of one.',
    );
  }
  const sent = ids.ofCall(id, path.replaceAll(/[^a-z0-9]+/g, '_'));
  return [{ ...proofMembers(part), type: 'tool_use', id: sent, name, input: object ?? { input: text } }];
}

function encodeOwnResult(result: ToolResultPart, { part, path, losses }: Spot): JsonObject[] {
  const block = result.providerExecuted ? encodeProviderResult(part, result) : undefined;
  if (block === undefined)
    losses.dropped(`${path}.tool_result`, "This format has no results of other providers' tools.");
  return block === undefined ? [] : [block];
}

function encodeResult(result: ToolResultPart, spot: Spot, ids: ToolIds): JsonObject[] {
  const { path, losses } = spot;
  if (result.providerExecuted) return encodeOwnResult(result, spot);
  const content = result.parts.flatMap((part, index) => {
    const inner = { part, path: `${path}.tool_result.parts[${index}]`, losses };
    if (result.isError && !isWords(part)) {
      losses.dropped(inner.path, 'What a failed tool says is text alone there.');
      return [];
    }
    return encodeContent(inner);
  });
  return [
    {
      type: 'tool_result',
      tool_use_id: ids.ofResult(result.callId),
      ...(content.length > 0 && { content }),
      ...(result.isError && { is_error: true }),
    },
  ];
}

function isWords({ kind }: Part): boolean {
  return kind.case === 'text' || kind.case === 'refusal';
}
