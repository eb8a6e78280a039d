import { create } from '@bufbuild/protobuf';
import { type Usage, UsageSchema, UsageSource } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf, objectsOf, stringOf } from '../read-answer.ts';

const COUNTS = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'reasoningTokens'] as const;

/** Items of tools that the provider runs and bills by the call. */
const BILLED_TOOLS: ReadonlySet<string> = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
]);

/** Usage of a response object; undefined where it has none. Counts that are absent stay unset: unknown is not zero. */
export function usageOf(response: JsonObject): Usage | undefined {
  const json = objectOf(response['usage']);
  if (json === undefined) return undefined;
  const input = objectOf(json['input_tokens_details']) ?? {};
  const output = objectOf(json['output_tokens_details']) ?? {};
  const counts: Record<(typeof COUNTS)[number], number | undefined> = {
    inputTokens: countOf(json['input_tokens']),
    outputTokens: countOf(json['output_tokens']),
    cacheReadTokens: countOf(input['cached_tokens']),
    cacheWriteTokens: countOf(input['cache_write_tokens']),
    reasoningTokens: countOf(output['reasoning_tokens']),
  };
  const known = COUNTS.flatMap((name) => (counts[name] === undefined ? [] : [[name, counts[name]] as const]));
  if (known.length === 0) return undefined;
  return create(UsageSchema, {
    ...Object.fromEntries(known),
    providerToolUses: toolUses(response['output']),
    source: UsageSource.PROVIDER,
  });
}

function toolUses(output: JsonValue | undefined): Record<string, number> {
  const uses: Record<string, number> = {};
  for (const { type } of objectsOf(output)) {
    const word = stringOf(type);
    if (BILLED_TOOLS.has(word)) uses[word] = (uses[word] ?? 0) + 1;
  }
  return uses;
}

/**
 * The usage member of a response; undefined where a total is not known. The format demands all details, of which none says
 * that it is unknown: what the provider did not split off is told as 0 there, and only there.
 */
export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined) return undefined;
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
}
