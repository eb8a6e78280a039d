import type { PartDelta, PartEnd, PartStart } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { ChatEvent } from '../dialect.ts';
import { encodeAnnotations } from './annotations.ts';
import { addressOf } from './encode-content.ts';
import { encodeImage } from './encode-response.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeDetail, REASONING_FIELD, thoughtOf } from './reasoning.ts';

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
}

/** What the deltas so far have told the caller. */
export interface DeltaState {
  /** Choices whose role has gone out. */
  readonly roles: Set<number>;
  /** By choice and index of the part. */
  readonly parts: Map<string, PartState>;
  /** Calls begun, by choice. */
  readonly calls: Map<number, number>;
  /** UTF-16 units of text, by choice. */
  readonly lengths: Map<number, number>;
}

export function createDeltaState(): DeltaState {
  return { roles: new Set(), parts: new Map(), calls: new Map(), lengths: new Map() };
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
  const role = state.roles.has(choice) ? {} : { role: 'assistant' };
  state.roles.add(choice);
  return { choice, delta: { ...role, ...members }, ...(logprobs && { logprobs: encodeLogprobs(logprobs) }) };
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

const keyOf = ({ choice, index }: PartEnd | PartStart | PartDelta): string => `${choice}:${index}`;

function startMembers(state: DeltaState, start: PartStart): JsonObject | undefined {
  const { choice, part } = start;
  const kind = part?.kind;
  // Tools that the provider runs are not the caller's to run: as calls of this format they would be.
  const own = kind?.case === 'toolCall' && !kind.value.providerExecuted;
  const call = own ? (state.calls.get(choice) ?? 0) : undefined;
  if (call !== undefined) state.calls.set(choice, call + 1);
  const custom = kind?.case === 'toolCall' && kind.value.input.case === 'text';
  const offset = state.lengths.get(choice) ?? 0;
  const known = { kind: kind?.case, call, custom, hasInput: false, offset };
  state.parts.set(keyOf(start), known);
  return part === undefined ? undefined : partMembers(state, { choice, part, known });
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
    case 'text':
      return kind.value.text === '' ? undefined : textMembers(state, choice, kind.value.text);
    case 'refusal':
      return kind.value.text === '' ? undefined : { refusal: kind.value.text };
    case 'reasoning':
      return thoughtMembers(part);
    case 'toolCall': {
      const { id, name, input } = kind.value;
      if (known.call === undefined) return undefined;
      known.hasInput = (input.value ?? '') !== '';
      const type = known.custom ? 'custom' : 'function';
      const called = known.custom ? { name, input: input.value } : { name, arguments: input.value ?? '' };
      return { tool_calls: [{ index: known.call, id, type, [type]: called }] };
    }
    case 'image': {
      const images = encodeImage(addressOf(kind.value.source));
      return images.length === 0 ? undefined : { images };
    }
    case 'audio':
      return kind.value.id === '' ? undefined : { audio: { id: kind.value.id } };
    default:
      return undefined;
  }
}

function thoughtMembers(part: Part): JsonObject | undefined {
  const thought = thoughtOf(part);
  if (thought === undefined) return undefined;
  if (thought.redactedData !== '' || thought.signature !== '') return { reasoning_details: [encodeDetail(thought)] };
  return thought.text === '' ? undefined : { [REASONING_FIELD]: thought.text };
}

function textMembers(state: DeltaState, choice: number, text: string): JsonObject {
  state.lengths.set(choice, (state.lengths.get(choice) ?? 0) + text.length);
  return { content: text };
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
      return part.kind === 'reasoning' ? { reasoning_details: [signatureDetail(delta.value)] } : undefined;
    case 'annotation': {
      const annotations = encodeAnnotations([delta.value], part.offset);
      return annotations.length === 0 ? undefined : { annotations };
    }
    case undefined:
      return undefined;
  }
}

const signatureDetail = (signature: string): JsonObject =>
  encodeDetail({ text: '', summary: false, signature, redactedData: '' });

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
      return { [REASONING_FIELD]: text };
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
