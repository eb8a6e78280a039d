import type { PartDelta } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { ImagePart, Part, ToolCallPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ChatEvent } from '../dialect.ts';
import { encodeLogprobs } from '../openai-logprobs.ts';
import { listOf, objectOf, stringOf } from '../read-answer.ts';
import { encodeAnnotation } from './annotations.ts';
import {
  type AnswerItem,
  addPiece,
  annotatePiece,
  endPiece,
  growPiece,
  itemAdded,
  itemDone,
  type Piece,
  type PieceKind,
  type WireEvent,
} from './answer-items.ts';
import { addressOf, isOwn } from './encode-content.ts';
import { encryptedContent, sealOf } from './thought-items.ts';
import { DIALECT } from './wire.ts';

/** A canonical part on its way, and where it is written. */
interface WrittenPart {
  readonly item: AnswerItem;
  /** How texts of it are written; undefined where it is no text. */
  readonly kind: PieceKind | undefined;
  /** Once it has begun: the thoughts of a provider may stay hidden. */
  piece: Piece | undefined;
  ended: boolean;
  /** Of thoughts and calls: what they began as, since their signature may still come. */
  readonly part?: Part;
}

/** The output of one answer as it grows. Answers of this format are single: of several the first is shown. */
export interface OutputState {
  /** The response's id, from which ids of items are derived that the provider gave none. */
  responseId: string;
  readonly items: AnswerItem[];
  /** By the index of the canonical part. */
  readonly parts: Map<number, WrittenPart>;
}

export function createOutput(): OutputState {
  return { responseId: '', items: [], parts: new Map() };
}

type PartEvent = Exclude<ChatEvent, { case: 'start' | 'finish' }>;

/** The events of the wire for a canonical one; none for what this format does not show. */
export function writeEvent(output: OutputState, event: PartEvent): WireEvent[] {
  if (event.value.choice !== 0) return [];
  switch (event.case) {
    case 'partStart':
      return event.value.part === undefined ? [] : startPart(output, event.value.part, event.value.index);
    case 'partDelta':
      return growPart(output, event.value);
    case 'partEnd':
      return endPart(output, event.value.index);
  }
}

/** Ends what is open, when the answer is whole or has been cut. */
export function closeOutput({ items }: OutputState, status: string): WireEvent[] {
  return items.flatMap((item) => (item.done ? [] : closeItem(item, status)));
}

function closeItem(item: AnswerItem, status = 'completed'): WireEvent[] {
  return [...item.pieces.flatMap((piece) => endPiece(item, piece)), itemDone(item, status)];
}

function startPart(output: OutputState, part: Part, index: number): WireEvent[] {
  const { kind } = part;
  switch (kind.case) {
    case 'text':
    case 'refusal':
      return startText(output, part, { index, kind: kind.case, text: kind.value.text });
    case 'audio':
      return startText(output, part, { index, kind: 'text', text: kind.value.transcript });
    case 'reasoning':
      return startThought(output, part, index);
    case 'toolCall':
      return kind.value.providerExecuted ? [] : startCall(output, part, { call: kind.value, index });
    case 'raw':
      return kind.value.dialect === DIALECT ? startRaw(output, objectOf(JSON.parse(kind.value.json)), index) : [];
    case 'image':
      return startImage(output, part, { image: kind.value, index });
    default:
      return [];
  }
}

interface NewItem {
  readonly prefix: string;
  readonly part: Part;
  readonly head: JsonObject;
}

/** Begins an item, and ends the message or thoughts before it, to which nothing can be added any more. */
function beginItem(output: OutputState, { prefix, part, head }: NewItem): { item: AnswerItem; events: WireEvent[] } {
  const closing = closeIdle(output);
  const outputIndex = output.items.length;
  const given = isOwn(part) && !output.items.some(({ id }) => id === part.itemId) ? part.itemId : '';
  const id = given || `${prefix}_${output.responseId}_${outputIndex}`;
  const item: AnswerItem = { head: { id, ...head }, id, outputIndex, pieces: [], done: false };
  output.items.push(item);
  return { item, events: [...closing, itemAdded(item)] };
}

/** Ends the item before a new one, where it waited only for the next part, which might have been its own. */
function closeIdle(output: OutputState): WireEvent[] {
  const last = output.items.at(-1);
  return last === undefined || last.done || !isIdle(output, last) ? [] : closeItem(last);
}

function isIdle({ parts }: OutputState, item: AnswerItem): boolean {
  const { type } = item.head;
  if (type !== 'message' && type !== 'reasoning') return false;
  return [...parts.values()].every((part) => part.item !== item || part.ended);
}

/** The item that goes on with a part of the same kind and, where it has one, of the same id. */
function itemToGoOn({ items }: OutputState, type: string, part: Part): AnswerItem | undefined {
  const last = items.at(-1);
  if (last === undefined || last.done || last.head['type'] !== type) return undefined;
  const id = isOwn(part) ? part.itemId : '';
  if (id !== '') return last.id === id ? last : undefined;
  return type === 'message' ? last : undefined;
}

interface NewText {
  readonly index: number;
  readonly kind: PieceKind;
  readonly text: string;
}

function startText(output: OutputState, part: Part, { index, kind, text }: NewText): WireEvent[] {
  const going = itemToGoOn(output, 'message', part);
  const head = { type: 'message', status: 'in_progress', role: 'assistant' };
  const { item, events } =
    going === undefined ? beginItem(output, { prefix: 'msg', part, head }) : { item: going, events: [] };
  const written: WrittenPart = { item, kind, piece: undefined, ended: false };
  output.parts.set(index, written);
  const grown = growText(written, { text });
  const annotations = part.kind.case === 'text' ? part.kind.value.annotations : [];
  return [
    ...events,
    ...grown,
    ...annotations.flatMap(encodeAnnotation).flatMap((annotation) => annotate(written, annotation)),
  ];
}

/** Begins a text where it has not begun, and adds to it. */
function growText(written: WrittenPart, grown: Parameters<typeof growPiece>[2]): WireEvent[] {
  const events: WireEvent[] = [];
  if (written.kind === undefined) return events;
  if (written.piece === undefined) {
    const { piece, event } = addPiece(written.item, written.kind);
    written.piece = piece;
    events.push(event);
  }
  if (grown.text !== '' || (grown.logprobs ?? []).length > 0)
    events.push(growPiece(written.item, written.piece, grown));
  return events;
}

function annotate({ item, piece }: WrittenPart, annotation: JsonObject): WireEvent[] {
  return piece?.form.type === 'output_text' ? [annotatePiece(item, piece, annotation)] : [];
}

/** What another provider wants back goes where callers of this format keep what only the provider can read. */
function startThought(output: OutputState, part: Part, index: number): WireEvent[] {
  if (part.kind.case !== 'reasoning') return [];
  const { text, summary } = part.kind.value;
  const going = itemToGoOn(output, 'reasoning', part);
  const { item, events } =
    going === undefined
      ? beginItem(output, { prefix: 'rs', part, head: { type: 'reasoning', summary: [] } })
      : { item: going, events: [] };
  encrypt(item, part);
  const written: WrittenPart = { item, kind: summary ? 'summary' : 'thought', piece: undefined, ended: false, part };
  output.parts.set(index, written);
  return text === '' ? events : [...events, ...growText(written, { text })];
}

function encrypt(item: AnswerItem, part: Part): void {
  const encrypted_content = encryptedContent(part);
  if (encrypted_content !== '') item.head = { ...item.head, encrypted_content };
}

/** The item that holds a call's signature of another format, whole; none for other calls. */
function sealEvents(output: OutputState, part: Part): WireEvent[] {
  const head = sealOf(part);
  if (head === undefined) return [];
  const { item, events } = beginItem(output, { prefix: 'rs', part: { ...part, itemId: '' }, head });
  return [...events, itemDone(item, 'completed')];
}

interface NewCall {
  readonly call: ToolCallPart;
  readonly index: number;
}

function startCall(output: OutputState, part: Part, { call, index }: NewCall): WireEvent[] {
  const custom = call.input.case === 'text';
  const empty = custom ? { input: '' } : { arguments: '' };
  const head = {
    type: custom ? 'custom_tool_call' : 'function_call',
    status: 'in_progress',
    ...empty,
    call_id: call.id,
    name: call.name,
  };
  const sealed = sealEvents(output, part);
  const { item, events } = beginItem(output, { prefix: custom ? 'ctc' : 'fc', part, head });
  output.parts.set(index, { item, kind: undefined, piece: undefined, ended: false, part });
  return [...sealed, ...events, ...growCall(item, call.input.value ?? '')];
}

function growCall(item: AnswerItem, text: string): WireEvent[] {
  if (text === '') return [];
  const member = inputMember(item);
  item.head = { ...item.head, [member]: stringOf(item.head[member]) + text };
  return [{ type: `${callEvent(item)}.delta`, item_id: item.id, output_index: item.outputIndex, delta: text }];
}

const inputMember = ({ head }: AnswerItem) => (head['type'] === 'function_call' ? 'arguments' : 'input');
const callEvent = (item: AnswerItem): string =>
  inputMember(item) === 'input' ? 'response.custom_tool_call_input' : 'response.function_call_arguments';

/** Callers parse arguments as JSON, which no text at all is not. */
function endCall(item: AnswerItem): WireEvent[] {
  const member = inputMember(item);
  const filled = member === 'arguments' && item.head[member] === '' ? growCall(item, '{}') : [];
  const whole = { [member]: item.head[member], ...(member === 'arguments' && { name: item.head['name'] }) };
  const done = { type: `${callEvent(item)}.done`, item_id: item.id, output_index: item.outputIndex, ...whole };
  return [...filled, done, ...closeItem(item)];
}

/** An item of a tool that the provider runs, as it is; its events follow as deltas. */
function startRaw(output: OutputState, json: JsonObject | undefined, index: number): WireEvent[] {
  if (json === undefined) return [];
  const closing = closeIdle(output);
  const outputIndex = output.items.length;
  const id = stringOf(json['id']);
  const item: AnswerItem = { head: json, id, outputIndex, pieces: [], done: false };
  output.items.push(item);
  output.parts.set(index, { item, kind: undefined, piece: undefined, ended: false });
  return [...closing, { type: 'response.output_item.added', output_index: outputIndex, item: json }];
}

function growRaw(item: AnswerItem, text: string): WireEvent[] {
  const event = objectOf(JSON.parse(text)) ?? {};
  const type = stringOf(event['type']);
  if (type === 'response.output_item.done') {
    item.head = objectOf(event['item']) ?? item.head;
    item.done = true;
  }
  return [{ ...event, type, output_index: item.outputIndex }];
}

interface NewImage {
  readonly image: ImagePart;
  readonly index: number;
}

/** The format shows pictures as what its own tool made; those at an address it has no place for but words. */
function startImage(output: OutputState, part: Part, { image: { source }, index }: NewImage): WireEvent[] {
  if (source?.location.case === 'data') {
    const head = { type: 'image_generation_call', status: 'in_progress', result: source.location.value.toBase64() };
    const { item, events } = beginItem(output, { prefix: 'ig', part, head });
    return [...events, itemDone(item, 'completed')];
  }
  const url = addressOf(source);
  return url === undefined ? [] : startText(output, part, { index, kind: 'text', text: `![](${url})` });
}

function growPart(output: OutputState, { index, delta, logprobs }: PartDelta): WireEvent[] {
  const written = output.parts.get(index);
  if (written === undefined || written.item.done) return [];
  switch (delta.case) {
    case 'text':
    case 'argumentsJson':
    case 'transcript':
      if (written.kind === undefined) return growCall(written.item, delta.value);
      return growText(written, {
        text: delta.value,
        logprobs: listOf(objectOf(encodeLogprobs(logprobs))?.['content']),
      });
    case 'annotation':
      return encodeAnnotation(delta.value).flatMap((annotation) => annotate(written, annotation));
    case 'signature':
      return sign(output, written, delta.value);
    case 'rawJson':
      return growRaw(written.item, delta.value);
    default:
      return [];
  }
}

/** A signature that comes after the beginning of its thoughts or call. */
function sign(output: OutputState, { item, part }: WrittenPart, signature: string): WireEvent[] {
  if (part === undefined) return [];
  if (part.kind.case === 'toolCall') return sealEvents(output, { ...part, signature });
  encrypt(item, { ...part, signature });
  return [];
}

function endPart(output: OutputState, index: number): WireEvent[] {
  const written = output.parts.get(index);
  if (written === undefined || written.item.done) return [];
  written.ended = true;
  const { item, piece } = written;
  const { type } = item.head;
  if (type === 'function_call' || type === 'custom_tool_call') return endCall(item);
  if (type !== 'message' && type !== 'reasoning') return [itemDone(item, stringOf(item.head['status']))];
  const events = piece === undefined ? [] : endPiece(item, piece);
  // The last item stays open for the next part, which may be its own.
  return output.items.at(-1) === item || !isIdle(output, item) ? events : [...events, itemDone(item, 'completed')];
}
