import { create } from '@bufbuild/protobuf';
import { UsageSchema } from '../../../gen/sluice/v1/usage_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { parseObject } from './content.ts';
import type { Fault, TimedFrame } from './fault.ts';

/**
 * Usage that is reported wrongly, though the invoice is right. Those that move frames concern streams in which the
 * caller asked for usage; they know it as the member "usage" of a frame, as in OpenAI's chat format.
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
    changeFrames: (frames) => frames.flatMap((timed) => (hasUsage(timed) ? [timed, { ...timed, tokens: 0 }] : [timed])),
  },
  {
    name: 'usage-first',
    description: 'The usage comes before the answer.',
    parameters: [],
    changeFrames: (frames) => [...frames.filter(hasUsage), ...frames.filter((timed) => !hasUsage(timed))],
  },
  {
    name: 'usage-after-end',
    description: 'The usage comes after the terminal marker.',
    parameters: [],
    changeFrames: (frames) => [...frames.filter((timed) => !hasUsage(timed)), ...frames.filter(hasUsage)],
  },
  {
    name: 'usage-spread',
    description: 'Every frame carries the usage so far.',
    parameters: [],
    changeFrames: (frames) => spread(frames),
  },
];

function usageOf({ frame }: TimedFrame): JsonObject | undefined {
  const usage = parseObject(frame.data).usage;
  return isJsonObject(usage) ? usage : undefined;
}

function hasUsage(timed: TimedFrame): boolean {
  return usageOf(timed) !== undefined;
}

function spread(frames: readonly TimedFrame[]): readonly TimedFrame[] {
  const last = frames.map(usageOf).findLast((usage) => usage !== undefined);
  if (last === undefined) return frames;
  const prompt = typeof last.prompt_tokens === 'number' ? last.prompt_tokens : 0;
  let made = 0;
  return frames.map((timed) => {
    made += timed.tokens;
    const body = parseObject(timed.frame.data);
    if (body.choices === undefined || hasUsage(timed)) return timed;
    const usage = { prompt_tokens: prompt, completion_tokens: made, total_tokens: prompt + made };
    return { ...timed, frame: { ...timed.frame, data: JSON.stringify({ ...body, usage }) } };
  });
}
