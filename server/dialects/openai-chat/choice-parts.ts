import { create } from '@bufbuild/protobuf';
import {
  type Logprobs,
  type PartDelta,
  PartEndSchema,
  PartStartSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import { type Annotation, type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { ChatEvent } from '../dialect.ts';
import { partDeltaEvent } from '../part-delta-event.ts';
import type { WireCall } from './answer-calls.ts';
import { reasoningPart, type Thought } from './reasoning.ts';
import { DIALECT } from './wire.ts';

/** Kinds of parts that grow one at a time: where another kind comes, the one before is whole. */
export type RunKind = 'text' | 'reasoning' | 'refusal' | 'audio';

/** A call of a tool on its way. Several may grow at once. */
export interface OpenCall {
  readonly id: string;
  name: string;
  readonly custom: boolean;
  /** Gemini's proof of the thought behind it, as far as it came before the part began. */
  signature: string;
  /** The index of its part, once that has begun: not before its name is known. */
  part: number | undefined;
  /** Whether its part has been closed, because another call took its place. */
  closed: boolean;
}

/** A part that grows; detail is the number of the thought that it is, where the provider numbers them. */
interface Run {
  readonly kind: RunKind;
  readonly part: number;
  detail?: number | undefined;
}

/** All that is known of one choice of a streamed answer. */
export interface ChoiceState {
  /** From 0. */
  readonly choice: number;
  /** The index of the next part. */
  nextPart: number;
  /** The text, thoughts, refusal or sound that grows at present. */
  run: Run | undefined;
  /** Whether its text has citations. */
  cited: boolean;
  /** Thoughts that may be the signatures of calls: the end tells. */
  readonly held: Thought[];
  /** Every call so far, in order. */
  readonly calls: OpenCall[];
  /** The call that each index of the wire stands for at present. */
  readonly callAt: Map<number, OpenCall>;
  /** The provider's word for why it ended; empty until it came. */
  finishReason: string;
}

export function createChoiceState(choice: number): ChoiceState {
  return {
    choice,
    nextPart: 0,
    run: undefined,
    cited: false,
    held: [],
    calls: [],
    callAt: new Map(),
    finishReason: '',
  };
}

type Delta = PartDelta['delta'];

/** A choice and where the events go that its pieces make. */
export interface ChoiceSink {
  readonly state: ChoiceState;
  readonly events: ChatEvent[];
}

/** Adds to the run of such a kind; begins one where another kind, or none, is growing. */
export function addToRun(sink: ChoiceSink, kind: RunKind, delta: Delta, logprobs?: Logprobs): void {
  emitDelta(sink, runOf(sink, kind), delta, logprobs);
}

/** Begins sound under the id that its deltas do not repeat. */
export function beginAudio(sink: ChoiceSink, id: string): void {
  if (sink.state.run?.kind === 'audio') return;
  endRun(sink);
  const part = create(PartSchema, { kind: { case: 'audio', value: { id } } });
  sink.state.run = { kind: 'audio', part: emitStart(sink, part) };
}

/** Adds citations to the text. */
export function annotate(sink: ChoiceSink, annotations: readonly Annotation[]): void {
  sink.state.cited ||= annotations.length > 0;
  for (const value of annotations) addToRun(sink, 'text', { case: 'annotation', value });
}

/** Adds words or the signature of a thought that has a place among the details of its choice. */
export function addThought(sink: ChoiceSink, thought: Thought): void {
  const { run } = sink.state;
  const { index, text, signature } = thought;
  const goesOn = run?.kind === 'reasoning' && (run.detail === undefined || index === undefined || run.detail === index);
  if (!goesOn) {
    endRun(sink);
    const part = emitStart(sink, reasoningPart({ ...thought, text: '', signature: '' }));
    sink.state.run = { kind: 'reasoning', part, detail: index };
  } else {
    run.detail ??= index;
  }
  if (text !== '') addToRun(sink, 'reasoning', { case: 'text', value: text });
  if (signature !== '') addToRun(sink, 'reasoning', { case: 'signature', value: signature });
}

/** Adds the signature of the choice's text; of an empty one where no text grows, which is how Gemini ends a turn. */
export function signText(sink: ChoiceSink, signature: string): void {
  if (signature === '') return;
  if (sink.state.run?.kind === 'text') addToRun(sink, 'text', { case: 'signature', value: signature });
  else addWhole(sink, create(PartSchema, { kind: { case: 'text', value: {} }, signature, origin: DIALECT }));
}

/** Adds a part that is whole from its start. */
export function addWhole(sink: ChoiceSink, part: Part): void {
  endRun(sink);
  emitEnd(sink, emitStart(sink, part));
}

function runOf(sink: ChoiceSink, kind: RunKind): number {
  const { run } = sink.state;
  if (run?.kind === kind) return run.part;
  endRun(sink);
  const part = emitStart(sink, create(PartSchema, { kind: { case: kind, value: {} } }));
  sink.state.run = { kind, part };
  return part;
}

function endRun(sink: ChoiceSink): void {
  if (sink.state.run !== undefined) emitEnd(sink, sink.state.run.part);
  sink.state.run = undefined;
}

/**
 * Adds a piece of a call. It belongs to the call at its index, or at its position in the delta where it has none;
 * another id at the same place is another call. Alibaba repeats the id as an empty text, Mistral the name.
 */
export function addToCall(sink: ChoiceSink, piece: WireCall, position: number): void {
  const { state } = sink;
  const place = piece.index ?? position;
  const known = state.callAt.get(place);
  const call = known === undefined || (piece.id !== '' && piece.id !== known.id) ? newCall(sink, piece, known) : known;
  state.callAt.set(place, call);
  if (call.part === undefined && call.name === '') call.name = piece.name;
  if (call.part === undefined) call.signature ||= piece.signature;
  else if (piece.signature !== '') signCall(sink, call, piece.signature);
  if (call.part === undefined && (call.name !== '' || piece.input !== '')) beginCall(sink, call);
  if (piece.input === '' || call.part === undefined) return;
  emitDelta(sink, call.part, { case: call.custom ? 'text' : 'argumentsJson', value: piece.input });
}

/** An id that is missing is derived from the position, so that results can refer to the call. */
function newCall(sink: ChoiceSink, piece: WireCall, before: OpenCall | undefined): OpenCall {
  const { state } = sink;
  if (before !== undefined) endCall(sink, before);
  const id = piece.id || `call_${state.choice}_${state.calls.length}`;
  const call: OpenCall = { id, name: piece.name, custom: piece.custom, signature: '', part: undefined, closed: false };
  state.calls.push(call);
  return call;
}

function beginCall(sink: ChoiceSink, call: OpenCall): void {
  endRun(sink);
  const { id, name, custom, signature } = call;
  const input = { case: custom ? ('text' as const) : ('argumentsJson' as const), value: '' };
  const proof = signature === '' ? {} : { signature, origin: DIALECT };
  call.part = emitStart(sink, create(PartSchema, { kind: { case: 'toolCall', value: { id, name, input } }, ...proof }));
}

function signCall(sink: ChoiceSink, call: OpenCall, signature: string): void {
  if (call.part !== undefined && !call.closed) emitDelta(sink, call.part, { case: 'signature', value: signature });
}

function endCall(sink: ChoiceSink, call: OpenCall): void {
  if (call.part === undefined) beginCall(sink, call);
  if (!call.closed && call.part !== undefined) emitEnd(sink, call.part);
  call.closed = true;
}

/** Closes what is open, when the answer is whole. */
export function endParts(sink: ChoiceSink): void {
  endRun(sink);
  for (const thought of sink.state.held) {
    const call = sink.state.calls.find(({ id, closed }) => id === thought.id && !closed);
    if (call === undefined) addWhole(sink, reasoningPart(thought));
    else signCall(sink, call, thought.redactedData);
  }
  for (const call of sink.state.calls) endCall(sink, call);
}

/** Begins a part and returns its index. */
function emitStart({ state, events }: ChoiceSink, part: Part): number {
  const index = state.nextPart;
  state.nextPart += 1;
  events.push({ case: 'partStart', value: create(PartStartSchema, { choice: state.choice, index, part }) });
  return index;
}

function emitDelta({ state, events }: ChoiceSink, index: number, delta: Delta, logprobs?: Logprobs): void {
  events.push(partDeltaEvent(state.choice, index, delta, logprobs));
}

function emitEnd({ state, events }: ChoiceSink, index: number): void {
  events.push({ case: 'partEnd', value: create(PartEndSchema, { choice: state.choice, index }) });
}
