import type { JsonObject, JsonValue } from '../../core/json.ts';

/** An event of the wire without its number. */
export type WireEvent = JsonObject & { readonly type: string };

/** An item of the output that is being written. */
export interface AnswerItem {
  /** As it is so far; its content is in the pieces. */
  head: JsonObject;
  readonly id: string;
  readonly outputIndex: number;
  /** Of messages and reasoning items: the texts in them, in order. */
  readonly pieces: Piece[];
  done: boolean;
}

/** How texts in an item are written: in which list of the item, under which events. */
export interface PieceForm {
  readonly list: 'content' | 'summary';
  /** The type of the entry. */
  readonly type: 'output_text' | 'refusal' | 'reasoning_text' | 'summary_text';
  /** The member that the text is in. */
  readonly member: 'text' | 'refusal';
  /** Events of the text are this with .delta and .done. */
  readonly textEvent: string;
  /** Events of the entry are this with .added and .done. */
  readonly entryEvent: string;
}

/** A text in an item. */
export interface Piece {
  readonly form: PieceForm;
  /** Its place in its list. */
  readonly index: number;
  text: string;
  readonly annotations: JsonObject[];
  readonly logprobs: JsonValue[];
  ended: boolean;
}

const FORMS = {
  text: form('content', 'output_text', 'response.output_text'),
  refusal: form('content', 'refusal', 'response.refusal'),
  thought: form('content', 'reasoning_text', 'response.reasoning_text'),
  summary: form('summary', 'summary_text', 'response.reasoning_summary_text'),
} as const;

export type PieceKind = keyof typeof FORMS;

function form(list: PieceForm['list'], type: PieceForm['type'], textEvent: string): PieceForm {
  return {
    list,
    type,
    member: type === 'refusal' ? 'refusal' : 'text',
    textEvent,
    entryEvent: list === 'summary' ? 'response.reasoning_summary_part' : 'response.content_part',
  };
}

/** Begins an item. */
export function itemAdded(item: AnswerItem): WireEvent {
  return { type: 'response.output_item.added', output_index: item.outputIndex, item: itemJson(item, 'in_progress') };
}

/** Ends an item, in which all pieces have ended. */
export function itemDone(item: AnswerItem, status: string): WireEvent {
  item.done = true;
  item.head = { ...item.head, ...('status' in item.head && { status }) };
  return { type: 'response.output_item.done', output_index: item.outputIndex, item: itemJson(item, status) };
}

/** An item as the output shows it. */
export function itemJson(item: AnswerItem, status?: string): JsonObject {
  const { head, pieces } = item;
  const ended = pieces.filter((piece) => piece.ended);
  const listOf = (list: PieceForm['list']): JsonObject[] =>
    ended.filter(({ form: { list: own } }) => own === list).map(pieceJson);
  const content = listOf('content');
  return {
    ...head,
    ...('status' in head && status !== undefined && { status }),
    ...(head['type'] === 'message' && { content }),
    ...(head['type'] === 'reasoning' && { summary: listOf('summary'), ...(content.length > 0 && { content }) }),
  };
}

function pieceJson({ form: { type, member }, text, annotations, logprobs }: Piece): JsonObject {
  return { type, [member]: text, ...(type === 'output_text' && { annotations, logprobs }) };
}

/** Where an event about a piece belongs. */
function placeOf(item: AnswerItem, piece: Piece): JsonObject {
  const index = piece.form.list === 'summary' ? { summary_index: piece.index } : { content_index: piece.index };
  return { item_id: item.id, output_index: item.outputIndex, ...index };
}

/** Begins a text in an item. */
export function addPiece(item: AnswerItem, kind: PieceKind): { readonly piece: Piece; readonly event: WireEvent } {
  const pieceForm = FORMS[kind];
  const index = item.pieces.filter(({ form: { list } }) => list === pieceForm.list).length;
  const piece: Piece = { form: pieceForm, index, text: '', annotations: [], logprobs: [], ended: false };
  item.pieces.push(piece);
  // The lists grow later; the event is of now.
  const part = pieceJson({ ...piece, annotations: [], logprobs: [] });
  return { piece, event: { type: `${pieceForm.entryEvent}.added`, ...placeOf(item, piece), part } };
}

/** Adds to a text. logprobs: those of the words added. */
export function growPiece(
  item: AnswerItem,
  piece: Piece,
  { text, logprobs = [] }: { readonly text: string; readonly logprobs?: readonly JsonValue[] },
): WireEvent {
  piece.text += text;
  piece.logprobs.push(...logprobs);
  return {
    type: `${piece.form.textEvent}.delta`,
    ...placeOf(item, piece),
    delta: text,
    ...(piece.form.type === 'output_text' && { logprobs }),
  };
}

/** Adds a citation to a text. */
export function annotatePiece(item: AnswerItem, piece: Piece, annotation: JsonObject): WireEvent {
  piece.annotations.push(annotation);
  const annotation_index = piece.annotations.length - 1;
  return {
    type: 'response.output_text.annotation.added',
    ...placeOf(item, piece),
    annotation_index,
    annotation,
  };
}

/** Ends a text. */
export function endPiece(item: AnswerItem, piece: Piece): WireEvent[] {
  if (piece.ended) return [];
  piece.ended = true;
  const { form: pieceForm, text, logprobs } = piece;
  const place = placeOf(item, piece);
  return [
    {
      type: `${pieceForm.textEvent}.done`,
      ...place,
      [pieceForm.member]: text,
      ...(pieceForm.type === 'output_text' && { logprobs }),
    },
    { type: `${pieceForm.entryEvent}.done`, ...place, part: pieceJson(piece) },
  ];
}
