import { create } from '@bufbuild/protobuf';
import { type PartDelta, PartDeltaSchema, PartEndSchema, PartStartSchema } from '../../../../gen/sluice/v1/chat_service_pb.ts';
import { type Part, PartSchema } from '../../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import type { WireQuirks } from '../../../core/wire-quirks.ts';
import type { ChatEvent } from '../../dialect.ts';
import { argumentsText, decodeAnnotations, derivedCallId, spokenPieces, textOf } from './assistant-parts.ts';
import { decodeLogprobs } from './logprobs.ts';
import { reasoningPart, refusalPart, textPart } from './parts.ts';

type SpokenKind = 'text' | 'reasoning' | 'refusal' | 'audio';

/** The parts of one choice as far as they have come. */
export interface ChoiceState {
  readonly choice: number;
  /** The position of the next part. */
  next: number;
  /** The part that words are being added to; calls are open beside it. */
  spoken: { readonly kind: SpokenKind; readonly index: number } | undefined;
  /** Open calls by the provider's index. */
  readonly calls: Map<number, { readonly index: number; readonly id: string }>;
  /** All calls so far, for ids that the provider does not give. */
  callCount: number;
}

export function createChoiceState(choice: number): ChoiceState {
  return { choice, next: 0, spoken: undefined, calls: new Map(), callCount: 0 };
}

/** The events of choices[i] of one chunk, its finish reason apart. */
export function decodeDelta(state: ChoiceState, choice: JsonObject, quirks: WireQuirks): ChatEvent[] {
  const delta = isJsonObject(choice.delta) ? choice.delta : {};
  const events: ChatEvent[] = [];
  for (const piece of spokenPieces(delta, quirks.reasoningField)) {
    const index = openSpoken(state, piece.kind, events);
    events.push(deltaEvent(state, index, { case: 'text', value: piece.text }));
  }
  const refusal = textOf(delta.refusal);
  if (refusal !== '') {
    events.push(deltaEvent(state, openSpoken(state, 'refusal', events), { case: 'text', value: refusal }));
  }
  for (const annotation of decodeAnnotations(delta.annotations)) {
    events.push(deltaEvent(state, openSpoken(state, 'text', events), { case: 'annotation', value: annotation }));
  }
  if (isJsonObject(delta.audio)) decodeAudio(state, delta.audio, events);
  addLogprobs(events, choice.logprobs);
  if (Array.isArray(delta.tool_calls)) {
    for (const [position, call] of delta.tool_calls.entries()) {
      if (isJsonObject(call)) decodeCall(state, { call, position }, events);
    }
  }
  // Deprecated: the one call of old models.
  if (isJsonObject(delta.function_call)) {
    decodeCall(state, { call: { index: 0, function: delta.function_call }, position: 0 }, events);
  }
  return events;
}

/** Ends every open part, in the order of positions. */
export function endParts(state: ChoiceState): ChatEvent[] {
  const open = [...(state.spoken === undefined ? [] : [state.spoken.index]), ...[...state.calls.values()].map((call) => call.index)];
  state.spoken = undefined;
  state.calls.clear();
  return open.sort((left, right) => left - right).map((index) => endEvent(state, index));
}

/** The position of the part of that kind that is open now; another kind is ended and a new one begun first. */
function openSpoken(state: ChoiceState, kind: SpokenKind, events: ChatEvent[], audioId = ''): number {
  if (state.spoken?.kind === kind) return state.spoken.index;
  if (state.spoken !== undefined) events.push(endEvent(state, state.spoken.index));
  const index = state.next;
  state.next += 1;
  state.spoken = { kind, index };
  events.push(startEvent(state, index, emptyPart(kind, audioId)));
  return index;
}

function emptyPart(kind: SpokenKind, audioId: string): Part {
  if (kind === 'text') return textPart('');
  if (kind === 'reasoning') return reasoningPart('');
  if (kind === 'refusal') return refusalPart('');
  return create(PartSchema, { kind: { case: 'audio', value: { id: audioId } } });
}

function decodeAudio(state: ChoiceState, audio: JsonObject, events: ChatEvent[]): void {
  const index = openSpoken(state, 'audio', events, textOf(audio.id));
  const data = textOf(audio.data);
  const transcript = textOf(audio.transcript);
  if (data !== '') events.push(deltaEvent(state, index, { case: 'data', value: Buffer.from(data, 'base64') }));
  if (transcript !== '') events.push(deltaEvent(state, index, { case: 'transcript', value: transcript }));
}

/** Log probabilities belong to the chunk's text as a whole: they go with its first piece. */
function addLogprobs(events: readonly ChatEvent[], value: JsonValue | undefined): void {
  const logprobs = decodeLogprobs(value);
  const first = events.find((event) => event.case === 'partDelta');
  if (logprobs !== undefined && first?.case === 'partDelta') first.value.logprobs = logprobs;
}

function decodeCall(
  state: ChoiceState,
  { call, position }: { readonly call: JsonObject; readonly position: number },
  events: ChatEvent[],
): void {
  const called = isJsonObject(call.custom) ? call.custom : isJsonObject(call.function) ? call.function : {};
  const custom = isJsonObject(call.custom);
  const key = typeof call.index === 'number' ? call.index : position;
  let open = state.calls.get(key);
  if (open === undefined || beginsAnother(open.id, call, textOf(called.name))) {
    if (open !== undefined) events.push(endEvent(state, open.index));
    const id = textOf(call.id) || derivedCallId(state.choice, state.callCount);
    open = { index: state.next, id };
    state.next += 1;
    state.callCount += 1;
    state.calls.set(key, open);
    const input = custom ? { case: 'text' as const, value: '' } : { case: 'argumentsJson' as const, value: '' };
    const value = { id, name: textOf(called.name), input };
    events.push(startEvent(state, open.index, create(PartSchema, { kind: { case: 'toolCall', value } })));
  }
  const text = custom ? textOf(called.input) : argumentsText(called.arguments);
  if (text !== '') {
    events.push(deltaEvent(state, open.index, custom ? { case: 'text', value: text } : { case: 'argumentsJson', value: text }));
  }
}

/** Some servers give every call the same index, or none: another id, or a name without an index, begins another call. */
function beginsAnother(openId: string, call: JsonObject, name: string): boolean {
  const id = textOf(call.id);
  if (id !== '') return id !== openId && name !== '';
  return typeof call.index !== 'number' && name !== '';
}

function startEvent({ choice }: ChoiceState, index: number, part: Part): ChatEvent {
  return { case: 'partStart', value: create(PartStartSchema, { choice, index, part }) };
}

function deltaEvent({ choice }: ChoiceState, index: number, delta: PartDelta['delta']): ChatEvent {
  return { case: 'partDelta', value: create(PartDeltaSchema, { choice, index, delta }) };
}

function endEvent({ choice }: ChoiceState, index: number): ChatEvent {
  return { case: 'partEnd', value: create(PartEndSchema, { choice, index }) };
}
