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
import { callPart, contentPart, isOfPlan, NO_ARGUMENTS, wordsPart } from './answer-parts.ts';
import { decodeCitation } from './citations.ts';

/** Text, thoughts or a plan on their way. Citations of a text come after its end, so it stays open until another part begins. */
interface OpenWords {
  /** The index on the wire; undefined for the plan, which has none. */
  readonly index: number | undefined;
  readonly kind: 'text' | 'reasoning' | 'raw';
  /** The index of its part. */
  readonly part: number;
}

/** A call on its way. */
interface OpenCall {
  readonly part: number;
  /** Arguments that may still turn out to be none: they wait until they are more than that. */
  held: string;
  begun: boolean;
}

/** All parts of a streamed answer so far. */
export interface PartsState {
  nextPart: number;
  words: OpenWords | undefined;
  /** By the index of the wire; those that are not closed. */
  readonly calls: Map<number, OpenCall>;
  callCount: number;
  /** Citations whose text has ended, or that are of what is no text. */
  readonly strayCitations: JsonObject[];
}

export function createPartsState(): PartsState {
  return { nextPart: 0, words: undefined, calls: new Map(), callCount: 0, strayCitations: [] };
}

/** Begins an entry of content; words that come with its beginning are added. */
export function startContent(state: PartsState, index: number, content: JsonObject): ChatEvent[] {
  const part = contentPart(content);
  const { case: kind } = part.kind;
  if (kind === 'text' || kind === 'reasoning') {
    const words = stringOf(content['text']) || stringOf(content['thinking']);
    return [...beginWords(state, { index, kind }), ...addWords(state, words)];
  }
  return [...endWords(state), ...begin(state, part, { index, kind: 'raw' })];
}

/** Adds to an entry of content; begins it where its beginning did not come. */
export function addContent(
  state: PartsState,
  index: number,
  { content, logprobs }: { readonly content: JsonObject; readonly logprobs: Logprobs | undefined },
): ChatEvent[] {
  if (state.words?.kind === 'raw' && state.words.index === index) {
    return [deltaEvent(state.words.part, { case: 'rawJson', value: textOfAnswer(content) })];
  }
  const kind = typeof content['thinking'] === 'string' ? 'reasoning' : 'text';
  const known = state.words?.index === index && state.words.kind === kind;
  const begun = known ? [] : beginWords(state, { index, kind });
  return [...begun, ...addWords(state, stringOf(content['thinking']) || stringOf(content['text']), logprobs)];
}

/** Adds to the plan of the calls to come. */
export function addPlan(state: PartsState, plan: string): ChatEvent[] {
  if (plan === '') return [];
  const known = state.words !== undefined && state.words.index === undefined;
  return [...(known ? [] : beginWords(state, { index: undefined, kind: 'reasoning' })), ...addWords(state, plan)];
}

function beginWords(
  state: PartsState,
  words: { readonly index: number | undefined; readonly kind: 'text' | 'reasoning' },
): ChatEvent[] {
  return [...endWords(state), ...begin(state, wordsPart(words.kind, ''), words)];
}

function begin(state: PartsState, part: Part, words: Omit<OpenWords, 'part'>): ChatEvent[] {
  state.words = { ...words, part: state.nextPart };
  return [startEvent(state, part)];
}

function addWords({ words }: PartsState, text: string, logprobs?: Logprobs): ChatEvent[] {
  if (words === undefined || text === '') return [];
  return [deltaEvent(words.part, { case: 'text', value: text }, logprobs)];
}

function endWords(state: PartsState): ChatEvent[] {
  const { words } = state;
  state.words = undefined;
  return words === undefined ? [] : [endEvent(words.part)];
}

/** Adds a citation to the text that is open. */
export function addCitation(state: PartsState, citation: JsonObject): ChatEvent[] {
  const { words } = state;
  const { content_index: index } = citation;
  if (words?.kind === 'text' && !isOfPlan(citation) && (index === undefined || index === words.index)) {
    return decodeCitation(citation).map((value) => deltaEvent(words.part, { case: 'annotation', value }));
  }
  state.strayCitations.push(citation);
  return [];
}

/** Begins a call. Another at the same index ends the one before. */
export function startCall(state: PartsState, index: number, call: JsonObject): ChatEvent[] {
  const before = [...endWords(state), ...endCall(state, index)];
  state.calls.set(index, { part: state.nextPart, held: '', begun: false });
  const begun = startEvent(state, callPart(call, '', state.callCount));
  state.callCount += 1;
  return [...before, begun, ...addArguments(state, index, call)];
}

/** Adds to the arguments of a call; those of a call that has not begun say nothing to anybody. */
export function addArguments(state: PartsState, index: number, call: JsonObject): ChatEvent[] {
  const open = state.calls.get(index);
  const piece = stringOf(objectOf(call['function'])?.['arguments']);
  if (open === undefined || piece === '') return [];
  if (!open.begun) {
    open.held += piece;
    if ('null'.startsWith(open.held.trim())) return [];
    open.begun = true;
    return [deltaEvent(open.part, { case: 'argumentsJson', value: open.held })];
  }
  return [deltaEvent(open.part, { case: 'argumentsJson', value: piece })];
}

/** Ends the call at an index, where one is open; a call without arguments has {}. */
export function endCall(state: PartsState, index: number): ChatEvent[] {
  const open = state.calls.get(index);
  if (open === undefined) return [];
  state.calls.delete(index);
  const value = NO_ARGUMENTS.has(open.held.trim()) ? '{}' : open.held;
  const rest = open.begun ? [] : [deltaEvent(open.part, { case: 'argumentsJson', value })];
  return [...rest, endEvent(open.part)];
}

/** Ends all that is open. */
export function endParts(state: PartsState): ChatEvent[] {
  return [...endWords(state), ...[...state.calls.keys()].flatMap((index) => endCall(state, index))];
}

function startEvent(state: PartsState, part: Part): ChatEvent {
  const index = state.nextPart;
  state.nextPart += 1;
  return { case: 'partStart', value: create(PartStartSchema, { index, part }) };
}

function deltaEvent(index: number, delta: PartDelta['delta'], logprobs?: Logprobs): ChatEvent {
  return partDeltaEvent(0, index, delta, logprobs);
}

function endEvent(index: number): ChatEvent {
  return { case: 'partEnd', value: create(PartEndSchema, { index }) };
}
