import { create } from '@bufbuild/protobuf';
import { type PartDelta, PartEndSchema, PartStartSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import { decodeBase64 } from '../data-url.ts';
import type { ChatEvent } from '../dialect.ts';
import { partDeltaEvent } from '../part-delta-event.ts';
import { objectOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { callPart, imageBytes, imagePart, isJsonCall, rawPart, redactedPart } from './answer-blocks.ts';
import { decodeCitation } from './citations.ts';

/** What a block turned out to be. A JSON answer comes as the input of a call. */
type BlockKind = 'text' | 'reasoning' | 'call' | 'json' | 'image' | 'raw';

/** A content block on its way. */
interface OpenBlock {
  /** Undefined until something tells: most blocks begin without saying what they are. */
  kind: BlockKind | undefined;
  /** The index of its part, once that has begun. */
  part: number;
  /** Whether any of a call's input has come. */
  hasInput: boolean;
  /** UTF-16 units of its text. */
  length: number;
  /** What its text is taken from. They are about all of it, so they wait for its end. */
  readonly citations: JsonObject[];
  /** Pieces of thinking that only the provider can read, in base64. */
  readonly redacted: string[];
}

/** All blocks of a streamed answer so far. */
export interface BlocksState {
  /** By the index of the wire; those that are not closed. */
  readonly open: Map<number, OpenBlock>;
  nextPart: number;
  /** Calls of the caller's tools, and of the JSON tool. */
  calls: number;
  jsonCalls: number;
}

export function createBlocksState(): BlocksState {
  return { open: new Map(), nextPart: 0, calls: 0, jsonCalls: 0 };
}

/** Begins a block. Another at the same index ends the one before. */
export function startBlock(state: BlocksState, index: number, start: JsonObject): ChatEvent[] {
  const before = stopBlock(state, index);
  const block = openBlock(state, index);
  const call = objectOf(start['toolUse']);
  if (call !== undefined) return [...before, ...beginCall(state, block, { call, index })];
  const image = objectOf(start['image']);
  if (image !== undefined) return [...before, beginPart(state, block, { kind: 'image', part: imagePart(image) })];
  if (Object.keys(start).length === 0) return before;
  return [...before, beginPart(state, block, { kind: 'raw', part: rawPart(start) })];
}

function openBlock(state: BlocksState, index: number): OpenBlock {
  const block = { kind: undefined, part: 0, hasInput: false, length: 0, citations: [], redacted: [] };
  state.open.set(index, block);
  return block;
}

function beginCall(
  state: BlocksState,
  block: OpenBlock,
  { call, index }: { readonly call: JsonObject; readonly index: number },
): ChatEvent[] {
  if (isJsonCall(call)) {
    state.jsonCalls += 1;
    return [beginPart(state, block, { kind: 'json', part: emptyPart('text') })];
  }
  state.calls += 1;
  return [beginPart(state, block, { kind: 'call', part: callPart(call, '', index) })];
}

const emptyPart = (kind: 'text' | 'reasoning'): Part => create(PartSchema, { kind: { case: kind, value: {} } });

function beginPart(
  state: BlocksState,
  block: OpenBlock,
  { kind, part }: { readonly kind: BlockKind; readonly part: Part },
): ChatEvent {
  block.kind = kind;
  block.part = state.nextPart;
  state.nextPart += 1;
  return { case: 'partStart', value: create(PartStartSchema, { index: block.part, part }) };
}

/** Adds to the block at an index; begins it where its beginning did not come. Throws AttemptError MALFORMED. */
export function addToBlock(state: BlocksState, index: number, delta: JsonObject): ChatEvent[] {
  const block = state.open.get(index) ?? openBlock(state, index);
  if (typeof delta['text'] === 'string') return addText(state, block, { kind: 'text', text: delta['text'] });
  const reasoning = objectOf(delta['reasoningContent']);
  if (reasoning !== undefined) return addThought(state, block, reasoning);
  const call = objectOf(delta['toolUse']);
  if (call !== undefined) return addInput(block, stringOf(call['input']));
  const citation = objectOf(delta['citation']);
  if (citation !== undefined) {
    block.citations.push(citation);
    return block.kind === undefined ? [beginPart(state, block, { kind: 'text', part: emptyPart('text') })] : [];
  }
  return addOther(state, block, delta);
}

function addText(
  state: BlocksState,
  block: OpenBlock,
  { kind, text }: { readonly kind: 'text' | 'reasoning'; readonly text: string },
): ChatEvent[] {
  if (text === '') return [];
  const begun = block.kind === undefined ? [beginPart(state, block, { kind, part: emptyPart(kind) })] : [];
  block.length += text.length;
  return [...begun, deltaEvent(block, { case: 'text', value: text })];
}

function addThought(state: BlocksState, block: OpenBlock, reasoning: JsonObject): ChatEvent[] {
  const redacted = stringOf(reasoning['redactedContent']);
  if (redacted !== '') block.redacted.push(redacted);
  const events = addText(state, block, { kind: 'reasoning', text: stringOf(reasoning['text']) });
  const signature = stringOf(reasoning['signature']);
  if (signature === '') return events;
  const begun =
    block.kind === undefined ? [beginPart(state, block, { kind: 'reasoning', part: emptyPart('reasoning') })] : [];
  return [...events, ...begun, deltaEvent(block, { case: 'signature', value: signature })];
}

function addInput(block: OpenBlock, input: string): ChatEvent[] {
  if (block.kind !== 'call' && block.kind !== 'json') {
    throw new AttemptError('MALFORMED', 'The provider added to the input of a call that it had not begun.');
  }
  if (input === '') return [];
  block.hasInput = true;
  return [deltaEvent(block, { case: block.kind === 'call' ? 'argumentsJson' : 'text', value: input })];
}

/** Pictures, results of the provider's own tools, and what is not known yet. */
function addOther(state: BlocksState, block: OpenBlock, delta: JsonObject): ChatEvent[] {
  const image = objectOf(delta['image']);
  if (block.kind === 'image' && image !== undefined) {
    return [deltaEvent(block, { case: 'data', value: imageBytes(objectOf(image['source']) ?? {}) })];
  }
  if (block.kind === undefined) return [beginPart(state, block, { kind: 'raw', part: rawPart(delta) })];
  return block.kind === 'raw' ? [deltaEvent(block, { case: 'rawJson', value: textOfAnswer(delta) })] : [];
}

function deltaEvent({ part }: OpenBlock, delta: PartDelta['delta']): ChatEvent {
  return partDeltaEvent(0, part, delta);
}

/** Ends the block at an index, where one is open. What waited for its end goes before; a call without input has {}. */
export function stopBlock(state: BlocksState, index: number): ChatEvent[] {
  const block = state.open.get(index);
  if (block === undefined) return [];
  state.open.delete(index);
  return [...endPart(block), ...redactedEvents(state, block.redacted)];
}

function endPart(block: OpenBlock): ChatEvent[] {
  const { kind, part, hasInput, citations, length } = block;
  if (kind === undefined) return [];
  const input = kind === 'call' ? ('argumentsJson' as const) : kind === 'json' ? ('text' as const) : undefined;
  return [
    ...(input !== undefined && !hasInput ? [deltaEvent(block, { case: input, value: '{}' })] : []),
    ...(kind === 'text' ? citations : []).map((citation) =>
      deltaEvent(block, { case: 'annotation', value: decodeCitation(citation, length) }),
    ),
    { case: 'partEnd', value: create(PartEndSchema, { index: part }) },
  ];
}

function redactedEvents(state: BlocksState, pieces: readonly string[]): ChatEvent[] {
  if (pieces.length === 0) return [];
  const index = state.nextPart;
  state.nextPart += 1;
  return [
    { case: 'partStart', value: create(PartStartSchema, { index, part: redactedPart(joinBase64(pieces)) }) },
    { case: 'partEnd', value: create(PartEndSchema, { index }) },
  ];
}

/** One piece stays as it came; more are the base64 of their bytes together. */
function joinBase64(pieces: readonly string[]): string {
  const [first = '', ...others] = pieces;
  if (others.length === 0) return first;
  const bytes = pieces.map(decodeBase64);
  return bytes.every((piece) => piece !== undefined) ? Buffer.concat(bytes).toString('base64') : pieces.join('');
}

/** Ends all that are open, in their order. */
export function stopBlocks(state: BlocksState): ChatEvent[] {
  return [...state.open.keys()].flatMap((index) => stopBlock(state, index));
}
