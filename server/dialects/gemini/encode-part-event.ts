import type { PartDelta, PartEnd, PartStart } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Annotation, Part, ToolCallPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ChatEvent } from '../dialect.ts';
import { encodeGrounding } from './annotations.ts';
import { encodeAnswerCall, encodeAnswerPart } from './answer-content.ts';
import { encodeLogprobs } from './logprobs.ts';
import { isOwn } from './wire.ts';

/** A part on its way to the caller, as far as its deltas and its end need to know it. */
interface PartState {
  readonly part: Part;
  /** Of a call: its input so far. It goes out whole, because arguments are an object there. */
  input: string;
  /** Of a call: it goes out with it. */
  signature: string;
  /** Of bytes: their media type. */
  readonly mediaType: string;
  /** Where the text begins in the choice's, in UTF-16 units. */
  readonly offset: number;
}

/** A choice as far as its citations need it: all of its text, and what was said of it. */
interface ChoiceText {
  text: string;
  readonly annotations: Annotation[];
}

/** What the events so far have told the caller. */
export interface PartsState {
  /** By keyOf: choice and index of the part. */
  readonly parts: Map<number, PartState>;
  readonly texts: Map<number, ChoiceText>;
}

export function createPartsState(): PartsState {
  return { parts: new Map(), texts: new Map() };
}

type PartEvent = Exclude<ChatEvent, { case: 'start' | 'finish' }>;

/** The candidate of a chunk for an event; undefined for events that this format does not show. */
export function encodePartEvent(state: PartsState, event: PartEvent): JsonObject | undefined {
  const parts = partsOf(state, event);
  if (parts.length === 0) return undefined;
  const logprobs = event.case === 'partDelta' ? encodeLogprobs(event.value.logprobs) : undefined;
  return { content: { parts, role: 'model' }, index: event.value.choice, logprobsResult: logprobs };
}

function partsOf(state: PartsState, event: PartEvent): JsonObject[] {
  switch (event.case) {
    case 'partStart':
      return startParts(state, event.value);
    case 'partDelta':
      return deltaParts(state, event.value);
    case 'partEnd':
      return endParts(state, event.value);
  }
}

/** Both are below 2³², and answers are few. */
const keyOf = ({ choice, index }: Pick<PartStart, 'choice' | 'index'>): number => choice * 2 ** 32 + index;

function textOf(state: PartsState, choice: number): ChoiceText {
  const known = state.texts.get(choice) ?? { text: '', annotations: [] };
  state.texts.set(choice, known);
  return known;
}

/** Parts that are whole at their start go out then; words, calls and bytes wait for their deltas. */
function startParts(state: PartsState, { part, ...start }: PartStart): JsonObject[] {
  if (part === undefined) return [];
  const { kind } = part;
  const source = kind.case === 'image' || kind.case === 'audio' || kind.case === 'file' ? kind.value.source : undefined;
  const input = kind.case === 'toolCall' ? (kind.value.input.value ?? '') : '';
  const { signature } = part;
  const known = {
    part,
    input,
    signature,
    mediaType: source?.mediaType ?? '',
    offset: textOf(state, start.choice).text.length,
  };
  state.parts.set(keyOf(start), known);
  switch (kind.case) {
    case 'toolCall':
      return [];
    case 'text':
    case 'reasoning':
    case 'refusal':
      if (kind.value.text !== '') return words(state, start.choice, { known, text: kind.value.text });
      return signature === '' ? [] : encodeAnswerPart(part);
    default:
      return encodeAnswerPart(part);
  }
}

interface Words {
  readonly known: PartState;
  readonly text: string;
}

function words(state: PartsState, choice: number, { known, text }: Words): JsonObject[] {
  if (known.part.kind.case === 'reasoning') return [{ text, thought: true }];
  textOf(state, choice).text += text;
  return [{ text }];
}

function deltaParts(state: PartsState, event: PartDelta): JsonObject[] {
  const known = state.parts.get(keyOf(event));
  const { delta } = event;
  if (known === undefined) return [];
  switch (delta.case) {
    case 'text':
      if (known.part.kind.case !== 'toolCall') return words(state, event.choice, { known, text: delta.value });
      known.input += delta.value;
      return [];
    case 'argumentsJson':
      known.input += delta.value;
      return [];
    case 'data':
      return [{ inlineData: { mimeType: known.mediaType || 'audio/pcm', data: delta.value.toBase64() } }];
    case 'transcript':
      return [{ text: delta.value }];
    case 'signature':
      return signatureParts(known, delta.value);
    case 'annotation':
      noteAnnotation(textOf(state, event.choice), delta.value, known.offset);
      return [];
    default:
      return [];
  }
}

/** A signature that comes after its words stands beside an empty text. Calls keep theirs until they go out. */
function signatureParts(known: PartState, signature: string): JsonObject[] {
  const { part } = known;
  if (part.kind.case === 'toolCall') {
    known.signature = signature;
    return [];
  }
  return !isOwn(part)
    ? []
    : [{ text: '', ...(part.kind.case === 'reasoning' && { thought: true }), thoughtSignature: signature }];
}

function noteAnnotation({ annotations }: ChoiceText, annotation: Annotation, offset: number): void {
  const { startIndex, endIndex } = annotation;
  annotations.push({
    ...annotation,
    ...(startIndex !== undefined && { startIndex: startIndex + offset }),
    ...(endIndex !== undefined && { endIndex: endIndex + offset }),
  });
}

function endParts(state: PartsState, event: PartEnd): JsonObject[] {
  const known = state.parts.get(keyOf(event));
  const kind = known?.part.kind;
  if (known === undefined || kind?.case !== 'toolCall') return [];
  const input = { case: kind.value.input.case ?? 'argumentsJson', value: known.input };
  const call: ToolCallPart = { ...kind.value, input };
  const signature = known.signature !== '' && isOwn(known.part) ? { thoughtSignature: known.signature } : {};
  return encodeAnswerCall(call).map((json) => ({ ...json, ...signature }));
}

/** The sources of all that a choice said; undefined without any. */
export function groundingOf(state: PartsState, choice: number): JsonObject | undefined {
  const { text, annotations } = textOf(state, choice);
  return encodeGrounding([{ text, partIndex: 0, annotations }]);
}
