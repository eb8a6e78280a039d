import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../errors/sluice-error.ts';
import type { AnswerPlan, Piece, PlannedPart } from '../plan.ts';
import { type Fault, parameter, type Scene, type TimedFrame } from './fault.ts';
import { formatMembers, valueAt, withoutPaths, withValueAt } from './format-members.ts';

/** Answers whose framing is right and whose content is not, or not as usual. */
export const CONTENT: readonly Fault[] = [
  {
    name: 'malformed',
    description: 'An event that is no JSON between good ones; an answer in one piece is no JSON.',
    parameters: [parameter('after', '2', 'Frames that come before.')],
    changeFrames: (frames, scene) => {
      const at = Math.min(scene.number('after'), frames.length);
      // Of a kind that the client reads.
      const { frame } = frames.slice(0, at).findLast(({ frame }) => frame.data !== DONE) ?? frames[0] ?? NO_FRAME;
      const broken = { ...frame, data: frame.data.slice(0, frame.data.length >> 1) };
      return frames.toSpliced(at, 0, { frame: broken, tokens: 0 });
    },
    changeBody: (text) => text.slice(0, text.length >> 1),
  },
  {
    name: 'empty-choices',
    description:
      'Frames with an empty list of choices between the others, in formats whose frames have one; an answer in one piece has no choices, or nothing in it.',
    parameters: [],
    changeFrames: (frames, scene) =>
      frames.flatMap((timed, index) => (index < 2 ? [timed, withoutChoices(timed, scene)] : [timed])),
    changeBody: (text, scene) => JSON.stringify(withValueAt(parseObject(text), formatMembers(scene).answers, [])),
  },
  {
    name: 'no-finish',
    description: 'Nothing says why the answer ended, though the terminal marker comes.',
    parameters: [],
    changeFrames: (frames, scene) => frames.map((timed) => withoutFinish(timed, scene)),
    changeBody: (text, scene) => JSON.stringify(withoutPaths(parseObject(text), formatMembers(scene).finish)),
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
      choices: plan.choices.map((choice) => ({ ...choice, finish: FinishReason.CONTENT_FILTER, stopText: '' })),
    }),
  },
];

const DONE = '[DONE]';
const NO_FRAME: TimedFrame = { frame: { event: '', data: '{"' }, tokens: 0 };

function withoutChoices({ frame }: TimedFrame, scene: Scene): TimedFrame {
  const { frameAnswers } = formatMembers(scene);
  if (frameAnswers === undefined) {
    throw new SluiceError('INVALID_REQUEST', 'Frames of this format have no list of choices.', {
      param: 'x-sim-fault',
    });
  }
  return {
    frame: { ...frame, data: JSON.stringify(withValueAt(parseObject(frame.data), frameAnswers, [])) },
    tokens: 0,
  };
}

function withoutFinish(timed: TimedFrame, scene: Scene): TimedFrame {
  const body = parseObject(timed.frame.data);
  const paths = formatMembers(scene).frameFinish.filter(([first = '']) => valueAt(body, [first]) !== undefined);
  if (paths.length === 0) return timed;
  return { ...timed, frame: { ...timed.frame, data: JSON.stringify(withoutPaths(body, paths)) } };
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
