import { create } from '@bufbuild/protobuf';
import {
  type Logprobs,
  type PartDelta,
  PartEndSchema,
  PartStartSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ChatEvent } from '../dialect.ts';
import { partDeltaEvent } from '../part-delta-event.ts';
import { objectOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { annotationAt, byteIndex, citedBy } from './annotations.ts';
import { addPartialArgs, createPartialArgs, type PartialArgs } from './partial-args.ts';
import { readPart } from './read-part.ts';
import { DIALECT, derivedCallId } from './wire.ts';

/** A call whose arguments are on their way. */
interface OpenCall {
  readonly part: number;
  readonly args: PartialArgs;
  /** Its arguments, where they came in one piece. */
  whole: string | undefined;
}

/** All that is known of one candidate of a streamed answer. */
export interface CandidateState {
  /** From 0. */
  readonly choice: number;
  nextPart: number;
  /** The text or the thoughts that grow at present, and where in the candidate's text they begin, in UTF-16 units. */
  run: { readonly kind: 'text' | 'reasoning'; readonly part: number; readonly start: number } | undefined;
  call: OpenCall | undefined;
  /** Calls so far. */
  calls: number;
  /** Whether arguments came in pieces. Such a stream ends in the provider's own word, though it calls functions. */
  inPieces: boolean;
  /** All text so far; places of citations count from its beginning. */
  text: string;
  /** Citations that were told, since metadata comes again with each chunk. */
  readonly cited: Set<string>;
  /** The provider's word for why it ended; empty until it came. */
  finishReason: string;
}

export function createCandidateState(choice: number): CandidateState {
  return {
    choice,
    nextPart: 0,
    run: undefined,
    call: undefined,
    calls: 0,
    inPieces: false,
    text: '',
    cited: new Set(),
    finishReason: '',
  };
}

/** A candidate, where the events go that its parts make, and the id of the answer. */
export interface CandidateSink {
  readonly state: CandidateState;
  readonly events: ChatEvent[];
  readonly answerId: string;
}

/** Adds one part of a chunk. */
export function addPart(sink: CandidateSink, json: JsonObject, logprobs?: Logprobs): void {
  const call = objectOf(json['functionCall']);
  const { text } = json;
  if (call !== undefined) addCall(sink, json, call);
  else if (typeof text === 'string') addText(sink, json, { text, ...(logprobs && { logprobs }) });
  else {
    endRun(sink);
    emitEnd(sink, emitStart(sink, readPart(json, '')));
  }
}

/** Text, or thoughts, that goes on; with a signature it is a part of its own, because the signature is of its words alone. */
function addText(
  sink: CandidateSink,
  json: JsonObject,
  { text, logprobs }: { readonly text: string; readonly logprobs?: Logprobs },
): void {
  const kind = json['thought'] === true ? 'reasoning' : 'text';
  const signature = stringOf(json['thoughtSignature']);
  if (text === '' && signature === '' && logprobs === undefined) return;
  if (signature !== '') endRun(sink);
  const part = runOf(sink, kind, signature === '' ? '' : DIALECT);
  if (text !== '' || logprobs !== undefined) emitDelta(sink, part, { case: 'text', value: text }, logprobs);
  if (kind === 'text') sink.state.text += text;
  if (signature === '') return;
  emitDelta(sink, part, { case: 'signature', value: signature });
  endRun(sink);
}

/** Whether a part says nothing but, perhaps, its signature. */
export function isWordless(json: JsonObject): boolean {
  return json['text'] === '';
}

function runOf(sink: CandidateSink, kind: 'text' | 'reasoning', origin: string): number {
  const { state } = sink;
  if (state.run?.kind === kind) return state.run.part;
  endRun(sink);
  const empty = readPart({ text: '', thought: kind === 'reasoning' }, '');
  const part = emitStart(sink, Object.assign(empty, { origin }));
  state.run = { kind, part, start: state.text.length };
  return part;
}

function endRun(sink: CandidateSink): void {
  if (sink.state.run !== undefined) emitEnd(sink, sink.state.run.part);
  sink.state.run = undefined;
}

/**
 * Adds a piece of a call. A piece without a name goes on with the call before it. Arguments come out when they are
 * whole: their paths may come in any order, and JSON text has one.
 */
function addCall(sink: CandidateSink, json: JsonObject, call: JsonObject): void {
  const { state } = sink;
  const name = stringOf(call['name']);
  if (name !== '' || state.call === undefined) {
    endCall(sink);
    if (name === '' && call['args'] === undefined) return;
    state.call = beginCall(sink, json);
  }
  const open = state.call;
  if (open === undefined) return;
  const args = objectOf(call['args']);
  if (args !== undefined) open.whole = textOfAnswer(args);
  state.inPieces ||= call['partialArgs'] !== undefined || call['willContinue'] !== undefined;
  addPartialArgs(open.args, call['partialArgs']);
  if (call['willContinue'] !== true) endCall(sink);
}

function beginCall(sink: CandidateSink, json: JsonObject): OpenCall {
  const { state, answerId } = sink;
  endRun(sink);
  const part = readPart(json, derivedCallId(answerId, state.choice, state.calls));
  if (part.kind.case === 'toolCall') part.kind.value.input.value = '';
  state.calls += 1;
  return { part: emitStart(sink, part), args: createPartialArgs(), whole: undefined };
}

function endCall(sink: CandidateSink): void {
  const { call } = sink.state;
  if (call === undefined) return;
  emitDelta(sink, call.part, { case: 'argumentsJson', value: call.whole ?? JSON.stringify(call.args.root) });
  emitEnd(sink, call.part);
  sink.state.call = undefined;
}

/** Adds the sources of statements in the text so far, each once. */
export function addCitations(sink: CandidateSink, candidate: JsonObject): void {
  const all = citedBy(candidate);
  if (all.length === 0) return;
  const { state } = sink;
  const unitOf = byteIndex(state.text);
  for (const { kind, start, end } of all) {
    const mark = JSON.stringify([kind.case, kind.value, start, end]);
    if (state.cited.has(mark)) continue;
    state.cited.add(mark);
    const part = runOf(sink, 'text', '');
    const offset = state.run?.start ?? 0;
    const place = { start: unitOf(start ?? 0) - offset, end: unitOf(end ?? 0) - offset };
    // A place in a part that has ended cannot be told any more; the source can.
    const known = start !== undefined && place.start >= 0;
    emitDelta(sink, part, { case: 'annotation', value: annotationAt(kind, known ? place : undefined) });
  }
}

/** Closes what is open, when the answer is whole. */
export function endParts(sink: CandidateSink): void {
  endRun(sink);
  endCall(sink);
}

/** Begins a part and returns its index. */
function emitStart({ state, events }: CandidateSink, part: Part): number {
  const index = state.nextPart;
  state.nextPart += 1;
  events.push({ case: 'partStart', value: create(PartStartSchema, { choice: state.choice, index, part }) });
  return index;
}

function emitDelta(
  { state, events }: CandidateSink,
  index: number,
  delta: PartDelta['delta'],
  logprobs?: Logprobs,
): void {
  events.push(partDeltaEvent(state.choice, index, delta, logprobs));
}

function emitEnd({ state, events }: CandidateSink, index: number): void {
  events.push({ case: 'partEnd', value: create(PartEndSchema, { choice: state.choice, index }) });
}
