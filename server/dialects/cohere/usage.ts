import { create } from '@bufbuild/protobuf';
import { type Usage, UsageSchema, UsageSource } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf } from '../read-answer.ts';

/**
 * Usage of an answer: {tokens: {input_tokens, output_tokens}, billed_units, cached_tokens}. Tokens are what the model saw,
 * the provider's own preamble and what its cache held included; billed units, which leave those out, stand in where
 * nothing else is given. undefined where no count is: unknown is not zero.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  const json = objectOf(value);
  if (json === undefined) return undefined;
  const tokens = objectOf(json['tokens']) ?? {};
  const billed = objectOf(json['billed_units']) ?? {};
  const inputTokens = countOf(tokens['input_tokens']) ?? countOf(billed['input_tokens']);
  const outputTokens = countOf(tokens['output_tokens']) ?? countOf(billed['output_tokens']);
  const cacheReadTokens = countOf(json['cached_tokens']) ?? countOf(tokens['cached_tokens']);
  if (inputTokens === undefined && outputTokens === undefined && cacheReadTokens === undefined) return undefined;
  return create(UsageSchema, {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    source: UsageSource.PROVIDER,
  });
}

/** The usage member of an answer; undefined where nothing is known. */
export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  if (usage === undefined) return undefined;
  const { inputTokens, outputTokens, cacheReadTokens } = usage;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const counts = { input_tokens: inputTokens, output_tokens: outputTokens };
  return { billed_units: counts, tokens: counts, cached_tokens: cacheReadTokens };
}

/** The usage of vectors: {billed_units: {input_tokens}}, in the member meta. */
export function decodeEmbedUsage(meta: JsonValue | undefined): Usage | undefined {
  const json = objectOf(meta);
  const inputTokens =
    countOf(objectOf(json?.['tokens'])?.['input_tokens']) ??
    countOf(objectOf(json?.['billed_units'])?.['input_tokens']);
  return inputTokens === undefined ? undefined : create(UsageSchema, { inputTokens, source: UsageSource.PROVIDER });
}
