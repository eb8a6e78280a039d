import { create } from '@bufbuild/protobuf';
import { UsageSchema } from '../../../gen/sluice/v1/usage_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { parseObject } from './content.ts';
import type { Fault, Scene, TimedFrame } from './fault.ts';
import { type FormatMembers, formatMembers, type Path, valueAt, withoutPaths, withValueAt } from './format-members.ts';

/**
 * Usage that is reported wrongly, though the invoice is right. Those that move it concern streams that end with
 * usage, which some formats have only where the caller asks for it.
 */
export const USAGE: readonly Fault[] = [
  {
    name: 'usage-absent',
    description: 'No usage is reported.',
    parameters: [],
    changeUsage: () => undefined,
  },
  {
    name: 'usage-zero',
    description: 'The usage says 0 of everything.',
    parameters: [],
    changeUsage: () => create(UsageSchema, { inputTokens: 0, outputTokens: 0 }),
  },
  {
    name: 'usage-duplicate',
    description: 'The frame with the usage comes twice.',
    parameters: [],
    changeFrames: (frames, scene) => {
      const at = lastUsage(frames, formatMembers(scene));
      return frames.flatMap((timed, index) => (index === at ? [timed, { ...timed, tokens: 0 }] : [timed]));
    },
  },
  {
    name: 'usage-first',
    description: 'The usage comes before the answer.',
    parameters: [],
    changeFrames: (frames, scene) => usageFirst(frames, formatMembers(scene)),
  },
  {
    name: 'usage-after-end',
    description: 'The usage comes after the terminal marker.',
    parameters: [],
    changeFrames: (frames, scene) => usageAfterEnd(frames, formatMembers(scene)),
  },
  {
    name: 'usage-spread',
    description: 'Every frame with room for it carries the usage so far.',
    parameters: [],
    changeFrames: (frames, scene) => spread(frames, scene),
  },
];

/** The place of usage in a frame; undefined where the frame has none. */
function placeOfUsage({ frame }: TimedFrame, { usage }: FormatMembers): Path | undefined {
  const body = parseObject(frame.data);
  return usage.find((path) => isJsonObject(valueAt(body, path)));
}

/** Where the frame stands that tells the usage of the whole answer; -1 where none does. */
function lastUsage(frames: readonly TimedFrame[], members: FormatMembers): number {
  return frames.findLastIndex((timed) => placeOfUsage(timed, members) !== undefined);
}

function withBody(timed: TimedFrame, change: (body: JsonObject) => JsonObject): TimedFrame {
  return { ...timed, frame: { ...timed.frame, data: JSON.stringify(change(parseObject(timed.frame.data))) } };
}

/** Whether a frame has nothing to tell but usage: it can move as a whole. */
function isUsageAlone(timed: TimedFrame, members: FormatMembers): boolean {
  const body = parseObject(timed.frame.data);
  const [first = ''] = members.frameAnswers ?? [];
  const answers = body[first];
  const hasAnswers = Array.isArray(answers) && answers.length > 0;
  return !hasAnswers && members.frameFinish.every(([name = '']) => body[name] === undefined);
}

/** A frame of its own goes before all; else the member goes into the first frame. */
function usageFirst(frames: readonly TimedFrame[], members: FormatMembers): readonly TimedFrame[] {
  const at = lastUsage(frames, members);
  const timed = frames[at];
  const [first, ...others] = frames;
  const place = timed && placeOfUsage(timed, members);
  if (timed === undefined || first === undefined || place === undefined) return frames;
  if (isUsageAlone(timed, members)) return [timed, ...frames.toSpliced(at, 1)];
  const usage = valueAt(parseObject(timed.frame.data), place);
  const room = members.usage.findLast(
    (path) => valueAt(parseObject(first.frame.data), path.slice(0, -1)) !== undefined,
  );
  const started = withBody(first, (body) => withValueAt(body, room ?? place, usage));
  const emptied = withBody(timed, (body) => withoutPaths(body, members.usage));
  return [started, ...others.toSpliced(at - 1, 1, emptied)];
}

/** A frame of its own goes behind all; else the frame comes without usage, and once more with it. */
function usageAfterEnd(frames: readonly TimedFrame[], members: FormatMembers): readonly TimedFrame[] {
  const at = lastUsage(frames, members);
  const timed = frames[at];
  if (timed === undefined) return frames;
  if (isUsageAlone(timed, members)) return [...frames.toSpliced(at, 1), timed];
  const emptied = withBody(timed, (body) => withoutPaths(body, members.usage));
  return [...frames.toSpliced(at, 1, emptied), { ...timed, tokens: 0 }];
}

function spread(frames: readonly TimedFrame[], scene: Scene): readonly TimedFrame[] {
  const members = formatMembers(scene);
  const last = frames[lastUsage(frames, members)];
  const place = last && placeOfUsage(last, members);
  if (last === undefined || place === undefined) return frames;
  const usage = valueAt(parseObject(last.frame.data), place);
  const total = frames.reduce((sum, { tokens }) => sum + tokens, 0);
  let made = 0;
  return frames.map((timed) => {
    made += timed.tokens;
    const body = parseObject(timed.frame.data);
    const room = members.usage.findLast((path) => isJsonObject(valueAt(body, path.slice(0, -1))));
    if (timed === last || room === undefined || Object.keys(body).length === 0) return timed;
    return withBody(timed, (whole) => withValueAt(whole, room, usageSoFar(usage, total - made)));
  });
}

/** Usage before so many tokens are made: what counts output, and sums of it, is less by them. */
function usageSoFar(usage: JsonValue | undefined, missing: number): JsonValue | undefined {
  if (!isJsonObject(usage)) return usage;
  const members = Object.entries(usage).flatMap(([name, value]): [string, JsonValue | undefined][] => {
    if (typeof value !== 'number') return isJsonObject(value) ? [[name, usageSoFar(value, missing)]] : [[name, value]];
    return [[name, COUNTS_OUTPUT.test(name) ? Math.max(0, value - missing) : value]];
  });
  return Object.fromEntries(members);
}

/** As the formats call it: completion_tokens, output_tokens, candidatesTokenCount, totalTokens and so on. */
const COUNTS_OUTPUT = /^(?:completion|output|candidates|total)_?tokens?(?:count)?$/i;
