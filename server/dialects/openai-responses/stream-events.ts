import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { decodeLogprobs } from '../openai-logprobs.ts';
import { countOf, objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { decodeAnnotation } from './annotations.ts';
import { argumentsText, callKind, contentKind, encryptedPart, itemPart, rawPart } from './item-parts.ts';
import {
  addWhole,
  beginItem,
  emitDelta,
  endItem,
  endPart,
  type ItemSink,
  itemOf,
  itemOrBegin,
  type OpenItem,
  partAt,
  type Slot,
} from './item-stream.ts';

/** Items whose parts are read; those of other types are kept as they are, with all their events. */
const READ_TYPES: ReadonlySet<string> = new Set(['message', 'reasoning', 'function_call', 'custom_tool_call']);

/** Kinds of text that grow, by the type of the item that they grow in. */
const ITEM_OF_KIND = {
  text: 'message',
  refusal: 'message',
  thought: 'reasoning',
  summary: 'reasoning',
  arguments: 'function_call',
  input: 'custom_tool_call',
} as const;

type Growing = keyof typeof ITEM_OF_KIND;

type Handler = (sink: ItemSink, event: JsonObject) => void;

/** https://platform.openai.com/docs/api-reference/responses-streaming */
const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['response.output_item.added', itemAdded],
  ['response.output_item.done', itemDone],
  ['response.content_part.added', contentAdded],
  ['response.content_part.done', contentDone],
  ['response.output_text.delta', (sink, event) => grow(sink, event, 'text')],
  ['response.output_text.done', (sink, event) => complete(sink, slotOf(sink, event, 'text'), event['text'])],
  ['response.output_text.annotation.added', annotate],
  ['response.refusal.delta', (sink, event) => grow(sink, event, 'refusal')],
  ['response.refusal.done', (sink, event) => complete(sink, slotOf(sink, event, 'refusal'), event['refusal'])],
  ['response.reasoning_summary_part.added', (sink, event) => void partAt(sink, slotOf(sink, event, 'summary'))],
  ['response.reasoning_summary_part.done', summaryDone],
  ['response.reasoning_summary_text.delta', (sink, event) => grow(sink, event, 'summary')],
  [
    'response.reasoning_summary_text.done',
    (sink, event) => complete(sink, slotOf(sink, event, 'summary'), event['text']),
  ],
  ['response.reasoning_text.delta', (sink, event) => grow(sink, event, 'thought')],
  ['response.reasoning_text.done', (sink, event) => complete(sink, slotOf(sink, event, 'thought'), event['text'])],
  ['response.function_call_arguments.delta', (sink, event) => grow(sink, event, 'arguments')],
  [
    'response.function_call_arguments.done',
    (sink, event) => complete(sink, slotOf(sink, event, 'arguments'), event['arguments']),
  ],
  ['response.custom_tool_call_input.delta', (sink, event) => grow(sink, event, 'input')],
  [
    'response.custom_tool_call_input.done',
    (sink, event) => complete(sink, slotOf(sink, event, 'input'), event['input']),
  ],
]);

/**
 * Turns one event of the wire into canonical ones. Items of tools that the provider runs are raw parts: their start holds
 * the item as it began, each event about them is a delta, and the last delta, response.output_item.done, holds the item as
 * it ended. Events that are not known say nothing.
 */
export function addEvent(sink: ItemSink, event: JsonObject): void {
  const item = itemOf(sink, event);
  if (item !== undefined && !READ_TYPES.has(item.type) && !isItemEvent(event)) addRaw(sink, item, event);
  else HANDLERS.get(stringOf(event['type']))?.(sink, event);
}

const isItemEvent = ({ type }: JsonObject): boolean =>
  type === 'response.output_item.added' || type === 'response.output_item.done';

function addRaw(sink: ItemSink, item: OpenItem, event: JsonObject): void {
  const part = item.parts.get('raw');
  if (part !== undefined) emitDelta(sink, part, { case: 'rawJson', value: textOfAnswer(event) });
}

function itemAdded(sink: ItemSink, event: JsonObject): void {
  const json = objectOf(event['item']);
  if (json === undefined) return;
  const item = beginItem(sink, event, json);
  if (item.done) return;
  if (!READ_TYPES.has(item.type)) partAt(sink, rawSlot(item, json));
  else if (isCall(item)) complete(sink, callSlot(sink, item, json), inputOf(json));
}

const isCall = ({ type }: OpenItem): boolean => type === 'function_call' || type === 'custom_tool_call';

const inputOf = (json: JsonObject): JsonValue | undefined => json['input'] ?? argumentsText(json['arguments']);

const rawSlot = (item: OpenItem, json: JsonObject): Slot => ({ item, key: 'raw', empty: () => rawPart(json) });

/** A call's part begins with its name; its input comes after. */
function callSlot({ state }: ItemSink, item: OpenItem, json: JsonObject): Slot {
  const { arguments: _arguments, input: _input, ...head } = json;
  const empty = (): Part => itemPart(callKind({ ...head, type: item.type }, state.items.size - 1), item.id);
  return { item, key: 'call', empty };
}

/** The whole item: what came of it is completed, and it ends. */
function itemDone(sink: ItemSink, event: JsonObject): void {
  const json = objectOf(event['item']);
  if (json === undefined) return;
  const item = beginItem(sink, event, json);
  if (item.done) return;
  if (!READ_TYPES.has(item.type)) {
    if (item.parts.has('raw')) addRaw(sink, item, event);
    else partAt(sink, rawSlot(item, json));
  } else if (isCall(item)) {
    complete(sink, callSlot(sink, item, json), inputOf(json));
  } else if (item.type === 'message') {
    for (const [index, entry] of objectsOf(json['content']).entries()) completeContent(sink, item, { entry, index });
  } else {
    completeReasoning(sink, item, json);
  }
  endItem(sink, item);
}

interface ContentEntry {
  readonly entry: JsonObject;
  readonly index: number;
}

function completeContent(sink: ItemSink, item: OpenItem, { entry, index }: ContentEntry): void {
  const kind = growingKind(entry);
  const key = `content ${index}`;
  if (kind === undefined) {
    addWhole(sink, { item, key, empty: () => itemPart(contentKind(entry), item.id) });
    return;
  }
  const slot = { item, key, empty: () => emptyPart(kind, item.id) };
  complete(sink, slot, entry['text'] ?? entry['refusal']);
  const part = partAt(sink, slot);
  for (const annotation of objectsOf(entry['annotations']).slice(part.annotations)) {
    emitDelta(sink, part, { case: 'annotation', value: decodeAnnotation(annotation) });
    part.annotations += 1;
  }
}

function growingKind({ type }: JsonObject): 'text' | 'refusal' | 'thought' | undefined {
  if (type === 'output_text' || type === 'text') return 'text';
  if (type === 'refusal') return 'refusal';
  return type === 'reasoning_text' ? 'thought' : undefined;
}

/** Encrypted content is right only when the item is done. */
function completeReasoning(sink: ItemSink, item: OpenItem, json: JsonObject): void {
  for (const [index, { text }] of objectsOf(json['summary']).entries()) {
    complete(sink, { item, key: `summary ${index}`, empty: () => emptyPart('summary', item.id) }, text);
  }
  for (const [index, entry] of objectsOf(json['content']).entries()) completeContent(sink, item, { entry, index });
  for (const part of item.parts.values()) endPart(sink, part);
  const encrypted = stringOf(json['encrypted_content']);
  if (encrypted !== '') addWhole(sink, { item, key: 'encrypted', empty: () => encryptedPart(encrypted, item.id) });
  else if (item.parts.size === 0) addWhole(sink, { item, key: 'hidden', empty: () => emptyPart('thought', item.id) });
}

function contentAdded(sink: ItemSink, event: JsonObject): void {
  const entry = objectOf(event['part']) ?? {};
  const kind = growingKind(entry);
  if (kind !== undefined) complete(sink, slotOf(sink, event, kind), entry['text'] ?? entry['refusal']);
}

function contentDone(sink: ItemSink, event: JsonObject): void {
  const entry = objectOf(event['part']);
  if (entry === undefined) return;
  const item = itemOrBegin(sink, event, ITEM_OF_KIND[growingKind(entry) ?? 'text']);
  const index = countOf(event['content_index']) ?? 0;
  completeContent(sink, item, { entry, index });
  const part = item.parts.get(`content ${index}`);
  if (part !== undefined) endPart(sink, part);
}

function summaryDone(sink: ItemSink, event: JsonObject): void {
  const slot = slotOf(sink, event, 'summary');
  complete(sink, slot, objectOf(event['part'])?.['text']);
  endPart(sink, partAt(sink, slot));
}

function annotate(sink: ItemSink, event: JsonObject): void {
  const annotation = objectOf(event['annotation']);
  if (annotation === undefined) return;
  const part = partAt(sink, slotOf(sink, event, 'text'));
  emitDelta(sink, part, { case: 'annotation', value: decodeAnnotation(annotation) });
  part.annotations += 1;
}

/** The place that an event about a growing text names. */
function slotOf(sink: ItemSink, event: JsonObject, kind: Growing): Slot {
  const item = itemOrBegin(sink, event, ITEM_OF_KIND[kind]);
  if (kind === 'arguments' || kind === 'input') return callSlot(sink, item, { id: item.id, call_id: item.id });
  const index = countOf(event[kind === 'summary' ? 'summary_index' : 'content_index']) ?? 0;
  const key = kind === 'summary' ? `summary ${index}` : `content ${index}`;
  return { item, key, empty: () => emptyPart(kind, item.id) };
}

function emptyPart(kind: Exclude<Growing, 'arguments' | 'input'>, itemId: string): Part {
  if (kind === 'text' || kind === 'refusal') return itemPart({ case: kind, value: {} }, itemId);
  return itemPart({ case: 'reasoning', value: { summary: kind === 'summary' } }, itemId);
}

function grow(sink: ItemSink, event: JsonObject, kind: Growing): void {
  const part = partAt(sink, slotOf(sink, event, kind));
  const text = stringOf(event['delta']);
  const logprobs = kind === 'text' ? decodeLogprobs({ content: event['logprobs'] ?? null }) : undefined;
  if (part.ended || (text === '' && logprobs === undefined)) return;
  part.text += text;
  emitDelta(
    sink,
    part,
    { case: kind === 'arguments' ? 'argumentsJson' : 'text', value: text },
    logprobs && { logprobs },
  );
}

/** Adds what is missing of a text that is told whole. A whole that says otherwise than its pieces is not believed. */
function complete(sink: ItemSink, slot: Slot, whole: JsonValue | undefined): void {
  const part = partAt(sink, slot);
  const text = stringOf(whole);
  if (part.ended || text.length <= part.text.length || !text.startsWith(part.text)) return;
  const value = text.slice(part.text.length);
  part.text = text;
  emitDelta(sink, part, { case: slot.item.type === 'function_call' ? 'argumentsJson' : 'text', value });
}
