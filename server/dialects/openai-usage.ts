import { create } from '@bufbuild/protobuf';
import { type Usage, UsageSchema, UsageSource } from '../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { WireQuirks } from '../core/wire-quirks.ts';
import { countOf, objectOf } from './read-answer.ts';

// The usage object of chat and of the older completions, which is one schema: CompletionUsage.

/** Usage of an answer or a chunk, from "usage" or from where the provider puts it; undefined where none is given. */
export function usageOf(json: JsonObject, quirks: WireQuirks): Usage | undefined {
  const { usagePath } = quirks;
  const usage = decodeUsage(json['usage'], quirks);
  return usage !== undefined || usagePath === undefined ? usage : decodeUsage(valueAt(json, usagePath), quirks);
}

function valueAt(json: JsonObject, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((value, key) => objectOf(value)?.[key], json);
}

/** A usage object; undefined where it holds no count at all. Counts that are absent stay unset: unknown is not zero. */
export function decodeUsage(value: JsonValue | undefined, quirks: WireQuirks = {}): Usage | undefined {
  const json = objectOf(value);
  if (json === undefined) return undefined;
  const counts = compact(countsOf(json, quirks));
  return Object.keys(counts).length === 0
    ? undefined
    : create(UsageSchema, { ...counts, source: UsageSource.PROVIDER });
}

type Counts = Readonly<Record<(typeof COUNTS)[number], number | undefined>>;

const COUNTS = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'inputAudioTokens',
  'outputAudioTokens',
] as const;

function countsOf(json: JsonObject, quirks: WireQuirks): Counts {
  const input = objectOf(json['prompt_tokens_details']) ?? {};
  const output = objectOf(json['completion_tokens_details']) ?? {};
  const outputTokens = countOf(json['completion_tokens']);
  const reasoningTokens = countOf(output['reasoning_tokens']) ?? countOf(json['reasoning_tokens']);
  return {
    inputTokens: countOf(json['prompt_tokens']),
    outputTokens: quirks.reasoningBesideOutput === true ? sum(outputTokens, reasoningTokens) : outputTokens,
    cacheReadTokens:
      countOf(input['cached_tokens']) ??
      countOf(json['prompt_cache_hit_tokens']) ?? // DeepSeek
      countOf(json['cached_tokens']), // Moonshot
    cacheWriteTokens:
      countOf(input['cache_write_tokens']) ??
      countOf(input['cache_creation_tokens']) ??
      countOf(input['cache_creation_input_tokens']) ?? // Alibaba
      countOf(json['cache_creation_input_tokens']), // gateways in front of Anthropic
    reasoningTokens,
    inputAudioTokens: countOf(input['audio_tokens']),
    outputAudioTokens: countOf(output['audio_tokens']),
  };
}

function sum(output: number | undefined, reasoning: number | undefined): number | undefined {
  return output === undefined ? undefined : output + (reasoning ?? 0);
}

/** Without the members that are unset: the contract tells an unset count from one that is set to nothing. */
function compact(counts: Counts): Partial<Record<keyof Counts, number>> {
  const set: Partial<Record<keyof Counts, number>> = {};
  for (const name of COUNTS) {
    const count = counts[name];
    if (count !== undefined) set[name] = count;
  }
  return set;
}

/** The usage member of an answer or a chunk; undefined where nothing is known. The total needs both its summands. */
export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  if (usage === undefined) return undefined;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usage;
  const { inputAudioTokens, outputAudioTokens } = usage;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const both = inputTokens !== undefined && outputTokens !== undefined;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: both ? inputTokens + outputTokens : undefined,
    prompt_tokens_details: details({
      cached_tokens: cacheReadTokens,
      cache_write_tokens: cacheWriteTokens,
      audio_tokens: inputAudioTokens,
    }),
    completion_tokens_details: details({ reasoning_tokens: reasoningTokens, audio_tokens: outputAudioTokens }),
  };
}

function details(counts: JsonObject): JsonObject | undefined {
  return Object.values(counts).some((count) => count !== undefined) ? counts : undefined;
}
