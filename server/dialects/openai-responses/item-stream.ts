import { create } from '@bufbuild/protobuf';
import { type PartDelta, PartEndSchema, PartStartSchema } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { ChatEvent } from '../dialect.ts';
import { partDeltaEvent } from '../part-delta-event.ts';
import { countOf, stringOf } from '../read-answer.ts';

/** A part on its way. */
export interface OpenPart {
  readonly index: number;
  /** What has come of it: an event that repeats the whole only adds what is missing. */
  text: string;
  /** Annotations that have come. */
  annotations: number;
  ended: boolean;
}

/** An item on its way, with its parts by their place in it. */
export interface OpenItem {
  readonly id: string;
  readonly type: string;
  readonly parts: Map<string, OpenPart>;
  done: boolean;
}

/** All items of a streamed answer so far. */
export interface ItemsState {
  /** The index of the next part. */
  nextPart: number;
  /** By output_index, or by id where a server leaves that out. */
  readonly items: Map<string | number, OpenItem>;
  /** Whether a tool of the caller's was called. */
  calls: boolean;
}

export function createItemsState(): ItemsState {
  return { nextPart: 0, items: new Map(), calls: false };
}

/** The items and where the events go that an event of the wire makes. */
export interface ItemSink {
  readonly state: ItemsState;
  readonly events: ChatEvent[];
}

function keyOf(event: JsonObject, id: JsonValue | undefined): string | number {
  return countOf(event['output_index']) ?? stringOf(id);
}

/** The item that an event is about; undefined where it has not begun. */
export function itemOf({ state }: ItemSink, event: JsonObject): OpenItem | undefined {
  return state.items.get(keyOf(event, event['item_id']));
}

/** Begins an item, unless the same one is on its way already: a repeated start doubles nothing. */
export function beginItem(sink: ItemSink, event: JsonObject, item: JsonObject): OpenItem {
  const key = keyOf(event, item['id']);
  const id = stringOf(item['id']);
  const known = sink.state.items.get(key);
  // Some servers number every item 0: another id after the end is another item.
  if (known !== undefined && (!known.done || known.id === id)) return known;
  const begun: OpenItem = { id, type: stringOf(item['type']), parts: new Map(), done: false };
  sink.state.items.set(key, begun);
  return begun;
}

/** The item of an event that comes without a start of its item, as its type tells. */
export function itemOrBegin(sink: ItemSink, event: JsonObject, type: string): OpenItem {
  return itemOf(sink, event) ?? beginItem(sink, event, { id: event['item_id'], type });
}

/** A place in an item, and the part that begins there where there is none yet. */
export interface Slot {
  readonly item: OpenItem;
  readonly key: string;
  readonly empty: () => Part;
}

/** The part at a place; begins it. */
export function partAt(sink: ItemSink, { item, key, empty }: Slot): OpenPart {
  const known = item.parts.get(key);
  if (known !== undefined) return known;
  const part: OpenPart = { index: emitStart(sink, empty()), text: '', annotations: 0, ended: false };
  item.parts.set(key, part);
  return part;
}

/** Adds a part that is whole from its start, once for its place. */
export function addWhole(sink: ItemSink, slot: Slot): void {
  if (slot.item.parts.has(slot.key)) return;
  endPart(sink, partAt(sink, slot));
}

type Delta = PartDelta['delta'];

export function emitDelta(sink: ItemSink, part: OpenPart, delta: Delta, more: Pick<PartDelta, 'logprobs'> = {}): void {
  if (part.ended) return;
  sink.events.push(partDeltaEvent(0, part.index, delta, more.logprobs));
}

export function endPart(sink: ItemSink, part: OpenPart): void {
  if (part.ended) return;
  part.ended = true;
  sink.events.push({ case: 'partEnd', value: create(PartEndSchema, { choice: 0, index: part.index }) });
}

/** Ends an item with all of its parts. */
export function endItem(sink: ItemSink, item: OpenItem): void {
  for (const part of item.parts.values()) endPart(sink, part);
  item.done = true;
}

/** Begins a part and returns its index. */
function emitStart({ state, events }: ItemSink, part: Part): number {
  const index = state.nextPart;
  state.nextPart += 1;
  state.calls ||= part.kind.case === 'toolCall';
  events.push({ case: 'partStart', value: create(PartStartSchema, { choice: 0, index, part }) });
  return index;
}
