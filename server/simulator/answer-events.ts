import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import {
  LogprobsSchema,
  PartDeltaSchema,
  PartEndSchema,
  PartStartSchema,
  StreamFinishSchema,
  StreamStartSchema,
} from '../../gen/sluice/v1/chat_service_pb.ts';
import { type Part, PartSchema } from '../../gen/sluice/v1/content_pb.ts';
import type { ChatEvent } from '../dialects/dialect.ts';
import { tokenLogprob } from './logprobs.ts';
import type { AnswerPlan, Piece, PlannedChoice, PlannedPart } from './plan.ts';

/** What an answer says of itself, besides what was asked. */
export interface AnswerHead {
  readonly id: string;
  readonly model: string;
  readonly createTime: Timestamp;
  /** Alternatives for each token's log probability; undefined where none were asked for. */
  readonly logprobs: number | undefined;
}

/** Events that are sent together, after so many tokens were made for them. */
export interface TimedEvents {
  readonly events: readonly ChatEvent[];
  readonly tokens: number;
}

/** An answer as canonical events, a piece at a time. Several answers take turns. */
export function* answerEvents(plan: AnswerPlan, head: AnswerHead): Iterable<TimedEvents> {
  const { id, model, createTime } = head;
  yield {
    events: [
      { case: 'start', value: create(StreamStartSchema, { id, model, createTime, systemFingerprint: FINGERPRINT }) },
    ],
    tokens: 0,
  };
  yield* takeTurns(plan.choices.map((choice, index) => choiceEvents(choice, index, head)));
  const choices = plan.choices.map(({ finish, stopText }, choice) => ({
    choice,
    reason: finish,
    stopSequence: stopText,
  }));
  const finish = create(StreamFinishSchema, { choices, ...(plan.reported && { usage: plan.reported }) });
  yield { events: [{ case: 'finish', value: finish }], tokens: 0 };
}

/** Which simulator answered: its words change with this. */
export const FINGERPRINT = 'fp_simulated_1';

function* takeTurns<T>(sources: readonly Iterable<T>[]): Iterable<T> {
  let open = sources.map((source) => source[Symbol.iterator]());
  while (open.length > 0) {
    const still: Iterator<T>[] = [];
    for (const source of open) {
      const next = source.next();
      if (next.done === true) continue;
      yield next.value;
      still.push(source);
    }
    open = still;
  }
}

function* choiceEvents(planned: PlannedChoice, choice: number, head: AnswerHead): Iterable<TimedEvents> {
  for (const [index, part] of planned.parts.entries()) {
    const start = create(PartStartSchema, { choice, index, part: emptyPart(part) });
    yield { events: [{ case: 'partStart', value: start }], tokens: 0 };
    for (const piece of part.pieces) {
      const delta = create(PartDeltaSchema, {
        choice,
        index,
        delta: pieceDelta(part, piece),
        ...(part.kind === 'text' && head.logprobs !== undefined && { logprobs: logprobsOf([piece], head.logprobs) }),
      });
      yield { events: [{ case: 'partDelta', value: delta }], tokens: piece.tokens };
    }
    yield { events: [{ case: 'partEnd', value: create(PartEndSchema, { choice, index }) }], tokens: 0 };
  }
}

function pieceDelta(part: PlannedPart, { text }: Piece): { case: 'text' | 'argumentsJson'; value: string } {
  return { case: part.kind === 'tool-call' && !part.custom ? 'argumentsJson' : 'text', value: text };
}

/** The log probabilities of pieces of text. */
export function logprobsOf(pieces: readonly Piece[], alternatives: number): MessageInitShape<typeof LogprobsSchema> {
  return create(LogprobsSchema, { content: pieces.map(({ text }) => tokenLogprob(text, alternatives)) });
}

function emptyPart(part: PlannedPart): Part {
  return messagePart(part, '');
}

/** A part with such a text. */
export function messagePart(part: PlannedPart, text: string): Part {
  switch (part.kind) {
    case 'reasoning':
      return create(PartSchema, { kind: { case: 'reasoning', value: { text } } });
    case 'text':
      return create(PartSchema, { kind: { case: 'text', value: { text } } });
    case 'tool-call': {
      const { id, name, custom } = part;
      const input = { case: custom ? ('text' as const) : ('argumentsJson' as const), value: text };
      return create(PartSchema, { kind: { case: 'toolCall', value: { id, name, input } } });
    }
  }
}
