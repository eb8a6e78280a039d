import { create } from '@bufbuild/protobuf';
import { type Usage, UsageSchema, UsageSource } from '../../../../gen/sluice/v1/usage_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';

/** A token count, or undefined where the provider did not give one. Zero is a count. */
function count(...values: (JsonValue | undefined)[]): number | undefined {
  for (const value of values) {
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return Math.min(Math.trunc(value), 2 ** 32 - 1);
  }
  return undefined;
}

function details(usage: JsonObject, name: string): JsonObject {
  const value = usage[name];
  return isJsonObject(value) ? value : {};
}

/**
 * usage as OpenAI writes it, with the places where providers that follow it put cached tokens: DeepSeek
 * (prompt_cache_hit_tokens), Moonshot and others (cached_tokens), Anthropic's names behind routers.
 * Undefined where the value is no usage.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const prompt = details(value, 'prompt_tokens_details');
  const completion = details(value, 'completion_tokens_details');
  const counts = {
    inputTokens: count(value.prompt_tokens),
    outputTokens: count(value.completion_tokens),
    cacheReadTokens: count(prompt.cached_tokens, value.cached_tokens, value.prompt_cache_hit_tokens),
    cacheWriteTokens: count(
      prompt.cache_write_tokens,
      prompt.cache_creation_tokens,
      prompt.cache_creation_input_tokens,
      value.cache_creation_input_tokens,
    ),
    reasoningTokens: count(completion.reasoning_tokens, value.reasoning_tokens),
    inputAudioTokens: count(prompt.audio_tokens),
    outputAudioTokens: count(completion.audio_tokens),
  };
  const known = Object.entries(counts).filter(([, tokens]) => tokens !== undefined);
  if (known.length === 0) return undefined;
  return create(UsageSchema, { ...Object.fromEntries(known), source: UsageSource.PROVIDER });
}

/** The usage at a path of members, as ["x_groq", "usage"]. */
export function usageAt(body: JsonObject, path: readonly string[]): Usage | undefined {
  let value: JsonValue | undefined = body;
  for (const name of path) value = isJsonObject(value) ? value[name] : undefined;
  return decodeUsage(value);
}

/** Usage for a caller. Counts that are unknown are left out, except the three that OpenAI requires. */
export function encodeUsage(usage: Usage): JsonObject {
  const input = usage.inputTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  const prompt = {
    ...(usage.cacheReadTokens === undefined ? {} : { cached_tokens: usage.cacheReadTokens }),
    ...(usage.cacheWriteTokens === undefined ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
    ...(usage.inputAudioTokens === undefined ? {} : { audio_tokens: usage.inputAudioTokens }),
  };
  const completion = {
    ...(usage.reasoningTokens === undefined ? {} : { reasoning_tokens: usage.reasoningTokens }),
    ...(usage.outputAudioTokens === undefined ? {} : { audio_tokens: usage.outputAudioTokens }),
  };
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(Object.keys(prompt).length === 0 ? {} : { prompt_tokens_details: prompt }),
    ...(Object.keys(completion).length === 0 ? {} : { completion_tokens_details: completion }),
  };
}
