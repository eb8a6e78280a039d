import type { PartDelta, PartEnd, PartStart } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { AudioPart, Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { ChatEvent } from '../dialect.ts';
import { encodeAnnotations } from './annotations.ts';
import { addressOf } from './encode-content.ts';
import { encodeImage, encodeRaw } from './encode-response.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeDetails, hasProof, REASONING_FIELD, type Thought, thoughtOf } from './reasoning.ts';
import { encodeThoughtSignature, signatureFor } from './thought-signature.ts';

/** A part on its way to the caller, as far as its deltas need to know it. */
interface PartState {
  readonly kind: Part['kind']['case'];
  /** A call's position among those of its choice; undefined for other parts. */
  readonly call: number | undefined;
  readonly custom: boolean;
  /** Whether the call has had any input. */
  hasInput: boolean;
  /** Where the text begins in the choice's, in UTF-16 units. */
  readonly offset: number;
  readonly origin: string;
  /** What its thoughts have in common; undefined for other parts. */
  readonly thought: Thought | undefined;
}

/** What the deltas so far have told the caller. */
export interface DeltaState {
  /** Choices whose role has gone out. */
  readonly roles: Set<number>;
  /** By keyOf: choice and index of the part. */
  readonly parts: Map<number, PartState>;
  /** Calls begun, by choice. */
  readonly calls: Map<number, number>;
  /** Thoughts begun, by choice. */
  readonly thoughts: Map<number, number>;
  /** UTF-16 units of text, by choice. */
  readonly lengths: Map<number, number>;
}

export function createDeltaState(): DeltaState {
  return { roles: new Set(), parts: new Map(), calls: new Map(), thoughts: new Map(), lengths: new Map() };
}

/** The delta of one choice that an event is written as. */
export interface ChoiceDelta {
  readonly choice: number;
  readonly delta: JsonObject;
  /** Unset where none were asked for. */
  readonly logprobs?: JsonValue;
}

type PartEvent = Exclude<ChatEvent, { case: 'start' | 'finish' }>;

/** The delta for an event; undefined for events that this format does not show. */
export function encodeDelta(state: DeltaState, event: PartEvent): ChoiceDelta | undefined {
  const { choice } = event.value;
  const members = membersOf(state, event);
  if (members === undefined) return undefined;
  const logprobs = event.case === 'partDelta' ? event.value.logprobs : undefined;
  const delta = state.roles.has(choice) ? members : { role: 'assistant', ...members };
  state.roles.add(choice);
  return logprobs === undefined ? { choice, delta } : { choice, delta, logprobs: encodeLogprobs(logprobs) };
}

/** What is known after an event that the caller was told in the provider's own words. */
export function noteEvent(state: DeltaState, event: PartEvent): void {
  if (event.case !== 'partDelta') {
    membersOf(state, event);
    return;
  }
  const part = state.parts.get(keyOf(event.value));
  const { delta, choice } = event.value;
  if (part?.call !== undefined) part.hasInput ||= delta.case === 'argumentsJson' || delta.case === 'text';
  else if (part?.kind === 'text' && delta.case === 'text') addLength(state, choice, delta.value);
}

function membersOf(state: DeltaState, event: PartEvent): JsonObject | undefined {
  switch (event.case) {
    case 'partStart':
      return startMembers(state, event.value);
    case 'partDelta':
      return deltaMembers(state, event.value);
    case 'partEnd':
      return endMembers(state, event.value);
  }
}

/** Both are below 2³², and answers are few. */
const keyOf = ({ choice, index }: PartEnd | PartStart | PartDelta): number => choice * 2 ** 32 + index;

function startMembers(state: DeltaState, start: PartStart): JsonObject | undefined {
  const { choice, part } = start;
  const kind = part?.kind;
  // Tools that the provider runs are not the caller's to run: as calls of this format they would be.
  const own = kind?.case === 'toolCall' && !kind.value.providerExecuted;
  const call = own ? take(state.calls, choice) : undefined;
  const thought = part && kind?.case === 'reasoning' ? thoughtOf(part, take(state.thoughts, choice)) : undefined;
  const common = thought && { ...thought, text: '', signature: '', redactedData: '' };
  const custom = kind?.case === 'toolCall' && kind.value.input.case === 'text';
  const offset = state.lengths.get(choice) ?? 0;
  const known = {
    kind: kind?.case,
    call,
    custom,
    hasInput: false,
    offset,
    origin: part?.origin ?? '',
    thought: common,
  };
  state.parts.set(keyOf(start), known);
  if (thought !== undefined) return thoughtMembers(thought);
  return part === undefined ? undefined : partMembers(state, { choice, part, known });
}

/** The number of the choice's next. */
function take(counts: Map<number, number>, choice: number): number {
  const count = counts.get(choice) ?? 0;
  counts.set(choice, count + 1);
  return count;
}

interface StartedPart {
  readonly choice: number;
  readonly part: Part;
  readonly known: PartState;
}

/** What is known of a part at its start; mostly nothing but its kind, which its deltas show. */
function partMembers(state: DeltaState, { choice, part, known }: StartedPart): JsonObject | undefined {
  const { kind } = part;
  switch (kind.case) {
    case 'text': {
      const signature = encodeThoughtSignature(signatureFor(part));
      if (kind.value.text !== '') return { ...textMembers(state, choice, kind.value.text), ...signature };
      return part.signature === '' ? undefined : signature;
    }
    case 'refusal':
      return kind.value.text === '' ? undefined : { refusal: kind.value.text };
    case 'toolCall': {
      const { id, name, input } = kind.value;
      if (known.call === undefined) return undefined;
      known.hasInput = (input.value ?? '') !== '';
      const type = known.custom ? 'custom' : 'function';
      const called = known.custom ? { name, input: input.value } : { name, arguments: input.value ?? '' };
      const signature = encodeThoughtSignature(signatureFor(part));
      return { tool_calls: [{ index: known.call, id, type, [type]: called, ...signature }] };
    }
    case 'image': {
      const images = encodeImage(addressOf(kind.value.source));
      return images.length === 0 ? undefined : { images };
    }
    case 'raw': {
      const content = encodeRaw(kind.value);
      return content.length === 0 ? undefined : { content };
    }
    case 'audio':
      return audioMembers(kind.value);
    default:
      return undefined;
  }
}

function audioMembers({ id, source, transcript }: AudioPart): JsonObject | undefined {
  const data = source?.location.case === 'data' ? source.location.value.toBase64() : '';
  if (id + data + transcript === '') return undefined;
  return {
    audio: { ...(id !== '' && { id }), ...(data !== '' && { data }), ...(transcript !== '' && { transcript }) },
  };
}

/** Words go to the plain member; where there is more to the thought than words, to details too, by which it can come back. */
function thoughtMembers(thought: Thought): JsonObject | undefined {
  const { text, signature, redactedData, id } = thought;
  const words = text === '' ? {} : { [REASONING_FIELD]: text };
  const details = hasProof(thought) && text + signature + redactedData + id !== '';
  if (details) return { ...words, reasoning_details: encodeDetails(thought) };
  return text === '' ? undefined : words;
}

function textMembers(state: DeltaState, choice: number, text: string): JsonObject {
  addLength(state, choice, text);
  return { content: text };
}

function addLength({ lengths }: DeltaState, choice: number, text: string): void {
  lengths.set(choice, (lengths.get(choice) ?? 0) + text.length);
}

function deltaMembers(state: DeltaState, event: PartDelta): JsonObject | undefined {
  const part = state.parts.get(keyOf(event));
  const { delta } = event;
  if (part === undefined) return undefined;
  switch (delta.case) {
    case 'text':
      return wordsMembers(state, { choice: event.choice, part, text: delta.value });
    case 'argumentsJson':
      return inputMembers(part, delta.value);
    case 'data':
      return part.kind === 'audio' ? { audio: { data: delta.value.toBase64() } } : undefined;
    case 'transcript':
      return { audio: { transcript: delta.value } };
    case 'signature':
      return signatureMembers(part, delta.value);
    case 'annotation': {
      const annotations = encodeAnnotations([delta.value], part.offset);
      return annotations.length === 0 ? undefined : { annotations };
    }
    case undefined:
      return undefined;
  }
}

function signatureMembers({ thought, origin, call }: PartState, signature: string): JsonObject | undefined {
  if (thought !== undefined) return thoughtMembers({ ...thought, text: '', signature });
  const member = encodeThoughtSignature(signatureFor({ signature, origin }));
  if (Object.keys(member).length === 0) return undefined;
  return call === undefined ? member : { tool_calls: [{ index: call, ...member }] };
}

interface Words {
  readonly choice: number;
  readonly part: PartState;
  readonly text: string;
}

function wordsMembers(state: DeltaState, { choice, part, text }: Words): JsonObject | undefined {
  switch (part.kind) {
    case 'text':
      return textMembers(state, choice, text);
    case 'reasoning':
      return part.thought && thoughtMembers({ ...part.thought, text });
    case 'refusal':
      return { refusal: text };
    case 'toolCall':
      return inputMembers(part, text);
    default:
      return undefined;
  }
}

function inputMembers(part: PartState, text: string): JsonObject | undefined {
  if (part.call === undefined) return undefined;
  part.hasInput = true;
  const input = part.custom ? { custom: { input: text } } : { function: { arguments: text } };
  return { tool_calls: [{ index: part.call, ...input }] };
}

/** Callers parse arguments as JSON, which no text at all is not. */
function endMembers(state: DeltaState, event: PartEnd): JsonObject | undefined {
  const part = state.parts.get(keyOf(event));
  return part === undefined || part.hasInput || part.custom ? undefined : inputMembers(part, '{}');
}
