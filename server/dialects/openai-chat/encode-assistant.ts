import type { ToolCallPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { fitToolCallId } from '../tool-call-id.ts';
import { contentOf, encodeAssistantWords, type Spot } from './encode-content.ts';
import { isSignedCall } from './note-extras.ts';
import { encodeDetails, hasProof, thoughtOf } from './reasoning.ts';
import { encodeThoughtSignature, SIGNED_BY } from './thought-signature.ts';
import { toolCallIdRule } from './tool-call-rule.ts';

/** The members of an assistant's message besides its role. Content is empty text where nothing is left of the turn. */
export function encodeAssistant(spots: readonly Spot[]): JsonObject {
  const words = spots
    .filter(({ part }) => !ELSEWHERE.has(part.kind.case) && !isHeard(part.kind))
    .flatMap(encodeAssistantWords);
  const calls = spots.flatMap(encodeCall);
  const audio = spots.flatMap(({ part }) => (isHeard(part.kind) ? [{ id: part.kind.value.id }] : [])).at(-1);
  const silent = words.length === 0 && (calls.length > 0 || audio !== undefined);
  return {
    content: silent ? null : contentOf(words),
    ...encodeThoughts(spots),
    ...(audio && { audio }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

type Kind = Spot['part']['kind'];

/** Kinds that stand beside the content. */
const ELSEWHERE: ReadonlySet<Kind['case']> = new Set(['toolCall', 'toolResult', 'reasoning']);

/** Sound that the model made in an earlier answer, of which only the id goes back. */
function isHeard(kind: Kind): kind is Extract<Kind, { case: 'audio' }> {
  return kind.case === 'audio' && kind.value.id !== '';
}

/**
 * Most servers of this format refuse a message with thoughts; those that want them back have a name for the member, or
 * take details with the proofs of every format.
 */
function encodeThoughts(spots: readonly Spot[]): JsonObject {
  const thoughts = spots.filter(({ part }) => part.kind.case === 'reasoning');
  const details = spots[0]?.quirks.reasoningDetails === true;
  const field = spots[0]?.quirks.reasoningField;
  const texts = thoughts.flatMap((spot) => encodeWordsOfThought(spot));
  const proofs = details ? [...thoughts.flatMap(detailsOf), ...spots.flatMap(callDetail)] : [];
  return {
    ...(field !== undefined && texts.length > 0 && { [field]: texts.join('') }),
    ...(proofs.length > 0 && { reasoning_details: proofs }),
  };
}

function detailsOf({ part }: Spot, index: number): JsonObject[] {
  const thought = thoughtOf(part, index);
  return thought === undefined || (thought.text === '' && !hasProof(thought)) ? [] : encodeDetails(thought);
}

/** The thought as plain text. Tells of what the provider takes in no form. */
function encodeWordsOfThought({ part, path, quirks, losses }: Spot): string[] {
  if (part.kind.case !== 'reasoning') return [];
  const { text, redactedData } = part.kind.value;
  if (quirks.reasoningDetails !== true) {
    if (redactedData !== '')
      losses.dropped(`${path}.reasoning.redacted_data`, 'The provider takes no encrypted thoughts.');
    if (text !== '' && quirks.reasoningField === undefined) {
      losses.dropped(`${path}.reasoning`, 'The provider takes no reasoning back.');
    }
  }
  return text === '' ? [] : [text];
}

/** The signature of a call of Gemini's, as OpenRouter wants it. */
function callDetail(spot: Spot): JsonObject[] {
  const { kind, origin, signature } = spot.part;
  if (kind.case !== 'toolCall' || origin !== SIGNED_BY || !isSignedCall(spot)) return [];
  return [{ type: 'reasoning.encrypted', data: signature, id: idOf(kind.value, spot), format: 'google-gemini-v1' }];
}

function encodeCall(spot: Spot): JsonObject[] {
  const { part, path, losses } = spot;
  if (part.kind.case !== 'toolCall') return [];
  const call = part.kind.value;
  const { name, input } = call;
  if (call.providerExecuted) {
    losses.dropped(`${path}.tool_call`, "This format has no calls of a provider's own tools.");
    return [];
  }
  const id = idOf(call, spot);
  const signature = isSignedCall(spot) && part.origin !== SIGNED_BY ? encodeThoughtSignature(part.signature) : {};
  return input.case === 'text'
    ? [{ id, type: 'custom', custom: { name, input: input.value }, ...signature }]
    : [{ id, type: 'function', function: { name, arguments: input.value || '{}' }, ...signature }];
}

function idOf({ id }: ToolCallPart, { quirks }: Spot): string {
  return fitToolCallId(id, toolCallIdRule(quirks));
}
