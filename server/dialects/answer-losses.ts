import { create } from '@bufbuild/protobuf';
import type { ChatResponse, PartDelta, PartStart } from '../../gen/sluice/v1/chat_service_pb.ts';
import { MediaSourceSchema, type Part } from '../../gen/sluice/v1/content_pb.ts';
import type { Warning } from '../../gen/sluice/v1/decision_pb.ts';
import { type AnswerReach, notePart } from './answer-reach.ts';
import type { ChatEvent, DialectName, StreamStep, WireBody } from './dialect.ts';
import type { Ending } from './finish-word.ts';
import { createLosses, type Losses } from './losses.ts';

// What an answer loses on its way to the caller. Nothing is refused for it, strict or not: the answer has been paid for.

/** What the format of a door is, and what it can show. */
export interface AnswerFormat {
  readonly dialect: DialectName;
  readonly reach: AnswerReach;
}

/** What of an answer in one piece the caller of a format does not get, or not as it was. Fields are paths of ChatResponse. */
export function responseLosses(
  { dialect, reach }: AnswerFormat,
  { response, wire }: { readonly response: ChatResponse; readonly wire?: WireBody },
): readonly Warning[] {
  if (wire?.dialect === dialect && wire.text !== undefined) return [];
  const losses = createLosses();
  for (const { index, parts, finishReason, rawFinishReason, stopSequence, logprobs } of response.choices) {
    if (isLeftOut(reach, index, losses)) continue;
    for (const [at, part] of parts.entries()) {
      notePart({ reach, dialect, part, path: pathOf(index, at), losses });
    }
    if (logprobs !== undefined) noteLogprobs(reach, index, losses);
    noteEnding(reach, { choice: index, reason: finishReason, rawReason: rawFinishReason, stopSequence }, losses);
  }
  return losses.warnings;
}

/** The same of a streamed answer, as far as it has come. */
export interface StreamLosses {
  readonly warnings: readonly Warning[];
  note(step: StreamStep): void;
}

interface StreamState extends AnswerFormat {
  readonly losses: Losses;
  /** Parts on their way, by their path. */
  readonly parts: Map<string, Part>;
  /** Whether the provider's own frames went to the caller. */
  relayed: boolean;
}

export function createStreamLosses({ dialect, reach }: AnswerFormat): StreamLosses {
  const state: StreamState = { dialect, reach, losses: createLosses(), parts: new Map(), relayed: false };
  return {
    get warnings() {
      return distinct(state.losses.warnings);
    },
    note({ events, wire }) {
      state.relayed ||= wire?.dialect === dialect && wire.text !== undefined;
      if (!state.relayed) for (const event of events) noteEvent(state, event);
    },
  };
}

/** Pieces of a stream are told of once. */
function distinct(warnings: readonly Warning[]): readonly Warning[] {
  const keys = warnings.map(({ code, field }) => `${code} ${field}`);
  return warnings.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}

const pathOf = (choice: number, part: number): string => `choices[${choice}].parts[${part}]`;

function noteEvent(state: StreamState, event: ChatEvent): void {
  const { reach, losses } = state;
  switch (event.case) {
    case 'start':
      return;
    case 'partStart':
      if (!isLeftOut(reach, event.value.choice, losses)) begin(state, event.value);
      return;
    case 'partDelta':
      grow(state, event.value);
      return;
    case 'partEnd':
      endPart(state, pathOf(event.value.choice, event.value.index));
      return;
    case 'finish':
      for (const path of [...state.parts.keys()]) endPart(state, path);
      for (const ending of event.value.choices) {
        if (!isLeftOut(reach, ending.choice, losses)) noteEnding(reach, ending, losses);
      }
  }
}

function begin(state: StreamState, { choice, index, part }: PartStart): void {
  if (part === undefined) return;
  // Its own copy, because the event goes on to the encoder.
  const kind = { ...part.kind, value: { ...part.kind.value } } as Part['kind'];
  state.parts.set(pathOf(choice, index), { ...part, kind });
}

/** Adds what tells whether something is lost: of words, whether there are any. */
function grow({ reach, parts, losses }: StreamState, { choice, index, delta, logprobs }: PartDelta): void {
  const part = parts.get(pathOf(choice, index));
  if (part === undefined) return;
  if (logprobs !== undefined) noteLogprobs(reach, choice, losses);
  const { kind } = part;
  switch (delta.case) {
    case 'text':
      if (kind.case === 'toolCall') addInput(kind.value, { case: 'text', value: delta.value });
      else if (kind.case === 'text' || kind.case === 'reasoning' || kind.case === 'refusal')
        kind.value.text ||= delta.value;
      return;
    case 'argumentsJson':
      if (kind.case === 'toolCall') addInput(kind.value, delta);
      return;
    case 'data':
      if (kind.case === 'audio' || kind.case === 'image' || kind.case === 'file') {
        kind.value.source ??= create(MediaSourceSchema, { location: delta });
      }
      return;
    case 'transcript':
      if (kind.case === 'audio') kind.value.transcript ||= delta.value;
      return;
    case 'signature':
      part.signature = delta.value;
      return;
    case 'annotation':
      if (kind.case === 'text') kind.value.annotations = [...kind.value.annotations, delta.value];
  }
}

type Call = Extract<Part['kind'], { case: 'toolCall' }>['value'];
type Input = Exclude<Call['input'], { case: undefined }>;

function addInput(call: Call, piece: Input): void {
  call.input = { case: piece.case, value: (call.input.value ?? '') + piece.value };
}

function endPart({ dialect, reach, parts, losses }: StreamState, path: string): void {
  const part = parts.get(path);
  if (part === undefined) return;
  parts.delete(path);
  notePart({ reach, dialect, part, path, losses });
}

/** Whether a format shows the first answer alone, and this is another. */
function isLeftOut({ severalChoices }: AnswerReach, choice: number, losses: Losses): boolean {
  if (severalChoices || choice === 0) return false;
  losses.dropped(`choices[${choice}]`, 'Answers of this format are single.');
  return true;
}

function noteLogprobs({ logprobs }: AnswerReach, choice: number, losses: Losses): void {
  if (!logprobs) losses.dropped(`choices[${choice}].logprobs`, 'This format has no probabilities of tokens.');
}

function noteEnding(reach: AnswerReach, ending: Ending & { readonly choice: number }, losses: Losses): void {
  const path = `choices[${ending.choice}]`;
  const { word, nearest } = reach.finishWord(ending);
  if (nearest) {
    const raw = ending.rawReason === '' ? '' : ` The provider's was ${ending.rawReason}.`;
    losses.approximated(`${path}.finish_reason`, `The nearest of this format's words is ${word}.${raw}`);
  }
  if (ending.stopSequence !== '' && !reach.stopSequence) {
    losses.dropped(`${path}.stop_sequence`, 'This format does not say which stop text ended an answer.');
  }
}
