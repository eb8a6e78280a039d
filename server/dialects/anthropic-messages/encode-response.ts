import type { ChatResponse } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part, ToolCallPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireBody } from '../dialect.ts';
import { parsedObject } from '../json-text.ts';
import { objectOf } from '../read-answer.ts';
import { encodeProof, foreignProof, provesAnything } from '../thought-envelope.ts';
import { encodeCitation } from './citations.ts';
import {
  encodePicture,
  encodeProviderCall,
  encodeProviderResult,
  encodeSeal,
  isOwn,
  proofMembers,
} from './encode-blocks.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, finishWord } from './wire.ts';

/** The answer as JSON text: the provider's own, where it is of this format; else built from the canonical form. */
export function encodeResponse({
  response,
  wire,
}: {
  readonly response: ChatResponse;
  readonly wire?: WireBody;
}): string {
  if (wire?.dialect === DIALECT && wire.text !== undefined) return wire.text;
  const { id, model, choices, usage, serviceTier, providerExtrasJson } = response;
  const choice = choices[0];
  const { usage: moreUsage, ...extras } = extrasOf(providerExtrasJson);
  const rawReason = choice?.rawFinishReason ?? '';
  const stopSequence = choice?.stopSequence ?? '';
  return JSON.stringify({
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: (choice?.parts ?? []).flatMap(encodePart),
    stop_reason:
      choice === undefined ? null : finishWord({ reason: choice.finishReason, rawReason, stopSequence }).word,
    stop_sequence: stopSequence || null,
    ...extras,
    usage: { ...usageMember(usage, serviceTier), ...objectOf(moreUsage) },
  });
}

/** What a provider of this format said beyond the contract. */
export function extrasOf(extras: Readonly<Record<string, string>>): JsonObject {
  const text = Object.hasOwn(extras, DIALECT) ? extras[DIALECT] : undefined;
  return text === undefined ? {} : (parsedObject(text) ?? {});
}

const TIERS: ReadonlySet<string> = new Set(['standard', 'priority', 'batch']);

/** Usage with the class of service, where it is one that this format has. */
export function usageMember(usage: Usage | undefined, tier: string): JsonObject {
  return { ...encodeUsage(usage), ...(TIERS.has(tier) && { service_tier: tier }) };
}

/** The block for a part of an answer; none for kinds that this format has no block for. */
function encodePart(part: Part): JsonObject[] {
  const { kind } = part;
  switch (kind.case) {
    case 'text': {
      const { text, annotations } = kind.value;
      const citations = annotations.map(encodeCitation).filter((citation) => citation !== undefined);
      return [{ type: 'text', text, ...(citations.length > 0 && { citations }) }];
    }
    case 'refusal':
      return [{ type: 'text', text: kind.value.text }];
    case 'reasoning':
      return encodeThought(part);
    case 'toolCall':
      return encodeCall(part, kind.value);
    case 'toolResult':
      return orNone(kind.value.providerExecuted ? encodeProviderResult(part, kind.value) : undefined);
    case 'image':
      return orNone(encodePicture(kind.value));
    case 'audio':
      return kind.value.transcript === '' ? [] : [{ type: 'text', text: kind.value.transcript }];
    case 'raw':
      return orNone(kind.value.dialect === DIALECT ? parsedObject(kind.value.json) : undefined);
    default:
      return [];
  }
}

const orNone = (block: JsonObject | undefined): JsonObject[] => (block === undefined ? [] : [block]);

/** Thoughts of other formats get a signature that only the gateway reads. */
function encodeThought(part: Part): JsonObject[] {
  if (part.kind.case !== 'reasoning') return [];
  const { text, redactedData } = part.kind.value;
  if (isOwn(part) && redactedData !== '') return [{ type: 'redacted_thinking', data: redactedData }];
  if (isOwn(part) && part.signature !== '') return [{ type: 'thinking', thinking: text, signature: part.signature }];
  const proof = foreignProof(part, DIALECT);
  if (text === '' && (proof === undefined || !provesAnything(proof))) return [];
  return [{ type: 'thinking', thinking: text, signature: proof === undefined ? '' : encodeProof(proof) }];
}

/** Tools that a provider of another format ran are not the caller's to run: as calls of this format they would be. */
function encodeCall(part: Part, call: ToolCallPart): JsonObject[] {
  if (call.providerExecuted) return orNone(encodeProviderCall(part, call));
  const { id, name, input } = call;
  const text = input.value ?? '';
  const object = input.case === 'text' ? undefined : text.trim() === '' ? {} : parsedObject(text);
  return [
    ...orNone(encodeSeal(part)),
    { type: 'tool_use', id, name, input: object ?? { input: text }, ...proofMembers(part) },
  ];
}
