import { create } from '@bufbuild/protobuf';
import { type PartDelta, PartEndSchema, PartStartSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { ChatEvent } from '../dialect.ts';
import { partDeltaEvent } from '../part-delta-event.ts';
import { objectOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { callPart, decodeBlock, inputText, isEmulatedJson } from './answer-blocks.ts';
import { decodeCitation } from './citations.ts';
import { DIALECT, isProviderCall } from './wire.ts';

/** A content block on its way. */
export interface OpenBlock {
  /** As it was when it began. */
  readonly block: JsonObject;
  /** The index of its part. */
  readonly part: number;
  /** How its pieces of JSON are passed on: as a call's input, or as the text that they stand in for. */
  readonly input: 'argumentsJson' | 'text' | undefined;
  /** Whether any of the input has come. */
  hasInput: boolean;
}

/** All blocks of a streamed answer so far. */
export interface BlocksState {
  /** By the index of the wire; those that are not closed. */
  readonly open: Map<number, OpenBlock>;
  /** Every block that has begun, for how the answer ends. */
  readonly begun: JsonObject[];
}

export function createBlocksState(): BlocksState {
  return { open: new Map(), begun: [] };
}

/** Begins the block at an index. One that is open there already is whole then. */
export function startBlock(state: BlocksState, index: number, block: JsonObject): ChatEvent[] {
  const before = stopBlock(state, index);
  const call = block['type'] === 'tool_use' || isProviderCall(stringOf(block['type']));
  const emulated = isEmulatedJson(block);
  const open = {
    block,
    part: state.begun.length,
    input: emulated ? ('text' as const) : call ? ('argumentsJson' as const) : undefined,
    hasInput: false,
  };
  state.open.set(index, open);
  state.begun.push(block);
  const part = emulated ? textPart() : call ? callPart(block, '') : decodeBlock(block);
  // The signature is still to come; whose it is must be known before.
  if (part.kind.case === 'reasoning') part.origin = DIALECT;
  const value = create(PartStartSchema, { index: open.part, part });
  return [...before, { case: 'partStart', value }];
}

const textPart = (): Part => create(PartSchema, { kind: { case: 'text', value: {} } });

/** Adds to the block at an index. Text and thoughts without a beginning begin a block; of other kinds, too much would be unknown. */
export function addToBlock(state: BlocksState, index: number, delta: JsonObject): ChatEvent[] {
  const known = state.open.get(index);
  if (known !== undefined) return deltaEvents(known, delta);
  const type = stringOf(delta['type']).replace(/_delta$/, '');
  if (type !== 'text' && type !== 'thinking') {
    throw new AttemptError('MALFORMED', 'The provider added to a content block that it had not begun.');
  }
  const begun = startBlock(state, index, { type, [type]: '' });
  const open = state.open.get(index);
  return open === undefined ? begun : [...begun, ...deltaEvents(open, delta)];
}

type Delta = PartDelta['delta'];

function deltaEvents(open: OpenBlock, delta: JsonObject): ChatEvent[] {
  const added = open.input === undefined ? deltaOf(open.block, delta) : inputDelta(open, delta);
  return added === undefined ? [] : [deltaEvent(open, added)];
}

function deltaEvent({ part }: OpenBlock, delta: Delta): ChatEvent {
  return partDeltaEvent(0, part, delta);
}

function inputDelta(open: OpenBlock, delta: JsonObject): Delta | undefined {
  const value = stringOf(delta['partial_json']);
  if (value === '' || open.input === undefined) return undefined;
  open.hasInput = true;
  return { case: open.input, value };
}

/** Deltas of a kind that the block's part has no place for stay as they are where the part does. */
function deltaOf(block: JsonObject, delta: JsonObject): Delta | undefined {
  const { type } = delta;
  if (block['type'] === 'text') {
    if (type === 'text_delta') return { case: 'text', value: stringOf(delta['text']) };
    const citation = type === 'citations_delta' ? objectOf(delta['citation']) : undefined;
    return citation && { case: 'annotation', value: decodeCitation(citation) };
  }
  if (block['type'] === 'thinking') {
    if (type === 'thinking_delta') return { case: 'text', value: stringOf(delta['thinking']) };
    return type === 'signature_delta' ? { case: 'signature', value: stringOf(delta['signature']) } : undefined;
  }
  return isKnown(block) ? undefined : { case: 'rawJson', value: textOfAnswer(delta) };
}

const isKnown = (block: JsonObject): boolean => decodeBlock(block).kind.case !== 'raw';

/** Ends the block at an index, where one is open. Input that came with its beginning, or not at all, goes before. */
export function stopBlock(state: BlocksState, index: number): ChatEvent[] {
  const open = state.open.get(index);
  if (open === undefined) return [];
  state.open.delete(index);
  const { block, part, input } = open;
  const whole =
    input === undefined || open.hasInput ? [] : [deltaEvent(open, { case: input, value: inputText(block) })];
  return [...whole, { case: 'partEnd', value: create(PartEndSchema, { index: part }) }];
}

/** Ends all that are open, in their order. */
export function stopBlocks(state: BlocksState): ChatEvent[] {
  return [...state.open.keys()].flatMap((index) => stopBlock(state, index));
}
