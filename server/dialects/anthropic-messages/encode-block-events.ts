import type { PartDelta, PartStart } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { parsedObject } from '../json-text.ts';
import { encodeProof, foreignProof, provesAnything, type ThoughtProof } from '../thought-envelope.ts';
import { encodeCitation } from './citations.ts';
import {
  encodePicture,
  encodeProviderCall,
  encodeProviderResult,
  encodeSeal,
  isOwn,
  proofMembers,
} from './encode-blocks.ts';
import { DIALECT } from './wire.ts';

/** A part on its way to the caller as a content block. */
export interface BlockState {
  readonly kind: Part['kind']['case'];
  /** The block as it begins; undefined where this format has none for the part. */
  readonly block: JsonObject | undefined;
  /** The index of the block, once it has begun. */
  index: number | undefined;
  /** Signatures of the part are for providers of this format. */
  readonly own: boolean;
  /** What other providers want back with their thoughts; undefined where a signature of this format has gone out. */
  proof: ThoughtProof | undefined;
  /** A call whose signature may still come. */
  readonly call: Part | undefined;
  lateSignature: string;
  /** The text of a custom tool's input so far; undefined for others. It goes out whole, as a member of an object. */
  text: string | undefined;
}

/** An event of the format, as JSON. */
export type WireEvent = JsonObject & { readonly type: string };

/** Gives the index of the next block. */
export type NextIndex = () => number;

export function createBlock({ part }: PartStart): BlockState {
  const kind = part?.kind;
  const custom = kind?.case === 'toolCall' && kind.value.input.case === 'text';
  return {
    kind: kind?.case,
    block: part === undefined ? undefined : beginningOf(part),
    index: undefined,
    own: part !== undefined && isOwn(part),
    proof: part && foreignProof(part, DIALECT),
    call: kind?.case === 'toolCall' ? part : undefined,
    lateSignature: '',
    text: custom ? '' : undefined,
  };
}

function beginningOf(part: Part): JsonObject | undefined {
  const { kind } = part;
  switch (kind.case) {
    case 'text':
    case 'refusal':
    case 'audio':
      return { type: 'text', text: '' };
    case 'image':
      return encodePicture(kind.value);
    case 'reasoning':
      return isOwn(part) && kind.value.redactedData !== ''
        ? { type: 'redacted_thinking', data: kind.value.redactedData }
        : { type: 'thinking', thinking: '', signature: '' };
    case 'toolCall': {
      if (kind.value.providerExecuted) return withoutInput(encodeProviderCall(part, kind.value));
      return { type: 'tool_use', id: kind.value.id, name: kind.value.name, input: {}, ...proofMembers(part) };
    }
    case 'toolResult':
      return kind.value.providerExecuted ? encodeProviderResult(part, kind.value) : undefined;
    case 'raw':
      return kind.value.dialect === DIALECT ? parsedObject(kind.value.json) : undefined;
    default:
      return undefined;
  }
}

/** What the part says of its input at its start goes out as a delta. */
function withoutInput(block: JsonObject | undefined): JsonObject | undefined {
  return block && { ...block, input: {} };
}

/** Kinds whose beginning waits for their first words: without any, there is no block. */
const WAITING: ReadonlySet<BlockState['kind']> = new Set(['text', 'refusal', 'audio', 'reasoning']);

/** The events for a part that begins, with what it says at its start. */
export function startEvents(state: BlockState, { part }: PartStart, next: NextIndex): WireEvent[] {
  const waits = WAITING.has(state.kind) && state.block?.['type'] !== 'redacted_thinking';
  const sealed = part === undefined ? [] : sealEvents(part, next);
  const begun = waits ? [] : beginEvents(state, next);
  return [
    ...sealed,
    ...begun,
    ...(part === undefined ? [] : initialDeltas(part)).flatMap((delta) => deltaEvents(state, delta, next)),
  ];
}

/** The block that holds a call's signature of another format, whole; none for other parts. */
function sealEvents(part: Part, next: NextIndex): WireEvent[] {
  const seal = encodeSeal(part);
  if (seal === undefined) return [];
  const index = next();
  return [
    { type: 'content_block_start', index, content_block: seal },
    { type: 'content_block_stop', index },
  ];
}

type Delta = PartDelta['delta'];

function initialDeltas(part: Part): Delta[] {
  const { kind, signature } = part;
  switch (kind.case) {
    case 'text': {
      const { text, annotations } = kind.value;
      return [{ case: 'text', value: text }, ...annotations.map((value) => ({ case: 'annotation' as const, value }))];
    }
    case 'refusal':
      return [{ case: 'text', value: kind.value.text }];
    case 'audio':
      return [{ case: 'transcript', value: kind.value.transcript }];
    case 'reasoning':
      return [
        { case: 'text', value: kind.value.text },
        { case: 'signature', value: signature },
      ];
    case 'toolCall':
      return kind.value.input.case === undefined ? [] : [kind.value.input];
    default:
      return [];
  }
}

/** Does nothing where the block has begun, or there is none. */
export function beginEvents(state: BlockState, next: NextIndex): WireEvent[] {
  if (state.block === undefined || state.index !== undefined) return [];
  state.index = next();
  return [{ type: 'content_block_start', index: state.index, content_block: state.block }];
}

/** The events for what is added to a part; none where the block has no place for it. */
export function deltaEvents(state: BlockState, delta: Delta, next: NextIndex): WireEvent[] {
  if (delta.case === 'signature' && state.call !== undefined) {
    state.lateSignature = delta.value;
    return [];
  }
  if (state.text !== undefined && delta.case === 'text') {
    state.text += delta.value;
    return [];
  }
  const encoded = encodeDelta(state, delta);
  if (encoded === undefined || state.block === undefined) return [];
  const begun = beginEvents(state, next);
  begun.push({ type: 'content_block_delta', index: state.index, delta: encoded });
  return begun;
}

function encodeDelta(state: BlockState, delta: Delta): JsonObject | undefined {
  if (delta.value === '') return undefined;
  switch (delta.case) {
    case 'text':
      return state.kind === 'reasoning'
        ? { type: 'thinking_delta', thinking: delta.value }
        : { type: 'text_delta', text: delta.value };
    case 'transcript':
      return { type: 'text_delta', text: delta.value };
    case 'argumentsJson':
      return { type: 'input_json_delta', partial_json: delta.value };
    case 'signature':
      return state.kind === 'reasoning' ? signatureDelta(state, delta.value) : undefined;
    case 'annotation': {
      const citation = encodeCitation(delta.value);
      return citation && { type: 'citations_delta', citation };
    }
    case 'rawJson':
      return parsedObject(delta.value);
    default:
      return undefined;
  }
}

/** Signatures of other formats wait for the end of the thoughts. */
function signatureDelta(state: BlockState, signature: string): JsonObject | undefined {
  if (!state.own) {
    state.proof = state.proof && { ...state.proof, signature };
    return undefined;
  }
  state.proof = undefined;
  return { type: 'signature_delta', signature };
}

/** The events for a part that is whole. */
export function endEvents(state: BlockState, next: NextIndex): WireEvent[] {
  const { text } = state;
  state.text = undefined;
  const last = text === undefined ? proofEvents(state, next) : deltaEvents(state, inputOf(text), next);
  const { index, call, lateSignature: signature } = state;
  const sealed = call === undefined || signature === '' ? [] : sealEvents({ ...call, signature }, next);
  return index === undefined ? [] : [...last, { type: 'content_block_stop', index }, ...sealed];
}

function proofEvents(state: BlockState, next: NextIndex): WireEvent[] {
  const { proof, block } = state;
  if (proof === undefined || block?.['type'] !== 'thinking') return [];
  if (state.index === undefined && !provesAnything(proof)) return [];
  const begun = beginEvents(state, next);
  const delta = { type: 'signature_delta', signature: encodeProof(proof) };
  return [...begun, { type: 'content_block_delta', index: state.index, delta }];
}

const inputOf = (text: string): Delta => ({ case: 'argumentsJson', value: JSON.stringify({ input: text }) });
