import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { AnswerPlan, Piece, PlannedPart } from '../plan.ts';
import { type Fault, parameter, type TimedFrame } from './fault.ts';

/** Answers whose framing is right and whose content is not, or not as usual. */
export const CONTENT: readonly Fault[] = [
  {
    name: 'malformed',
    description: 'An event that is no JSON between good ones; an answer in one piece is no JSON.',
    parameters: [parameter('after', '2', 'Frames that come before.')],
    changeFrames: (frames, scene) => {
      const frame = { event: '', data: '{"id":"simulated","choices":[{"index":0,"delta":{"content":"brok' };
      return frames.toSpliced(Math.min(scene.number('after'), frames.length), 0, { frame, tokens: 0 });
    },
    changeBody: (text) => text.slice(0, text.length >> 1),
  },
  {
    name: 'empty-choices',
    description: 'Frames with an empty list of choices between the others; an answer in one piece has no choices.',
    parameters: [],
    changeFrames: (frames) => frames.flatMap((timed, index) => (index < 2 ? [timed, withoutChoices(timed)] : [timed])),
    changeBody: (text) => JSON.stringify({ ...parseObject(text), choices: [] }),
  },
  {
    name: 'no-finish',
    description: 'No frame says why the answer ended, though the terminal marker comes.',
    parameters: [],
    changeFrames: (frames) => frames.filter(({ frame }) => !/"finish_reason":"/.test(frame.data)),
  },
  {
    name: 'tool-arguments-split',
    description: 'The arguments of tool calls come character by character.',
    parameters: [],
    changePlan: (plan) => mapToolCalls(plan, (pieces) => pieces.flatMap(perCharacter)),
  },
  {
    name: 'tool-arguments-truncated',
    description: 'The arguments of tool calls break off, though the answer says that it is whole.',
    parameters: [],
    changePlan: (plan) => mapToolCalls(plan, (pieces) => pieces.slice(0, pieces.length >> 1)),
  },
  {
    name: 'content-filter',
    description: "The provider's filter cuts the answer.",
    parameters: [],
    changePlan: (plan) => ({
      ...plan,
      choices: plan.choices.map((choice) => ({ ...choice, finish: FinishReason.CONTENT_FILTER })),
    }),
  },
];

function withoutChoices({ frame }: TimedFrame): TimedFrame {
  return { frame: { ...frame, data: JSON.stringify({ ...parseObject(frame.data), choices: [] }) }, tokens: 0 };
}

/** The object that a text is; empty where it is none, as [DONE]. */
export function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function mapToolCalls(plan: AnswerPlan, change: (pieces: readonly Piece[]) => readonly Piece[]): AnswerPlan {
  const mapPart = (part: PlannedPart): PlannedPart =>
    part.kind === 'tool-call' ? { ...part, pieces: change(part.pieces) } : part;
  return { ...plan, choices: plan.choices.map((choice) => ({ ...choice, parts: choice.parts.map(mapPart) })) };
}

/** The piece's tokens count with its first character. */
function perCharacter({ text, tokens }: Piece): readonly Piece[] {
  return Array.from(text, (character, index) => ({ text: character, tokens: index === 0 ? tokens : 0 }));
}
