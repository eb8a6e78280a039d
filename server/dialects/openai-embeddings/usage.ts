import { create } from '@bufbuild/protobuf';
import { type Usage, UsageSchema, UsageSource } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf } from '../read-answer.ts';

/**
 * Usage of an embedding; undefined where none is given. An embedding has no output, so that the total, which is all
 * that Voyage gives, is the input.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  const json = objectOf(value);
  const inputTokens = countOf(json?.['prompt_tokens']) ?? countOf(json?.['total_tokens']);
  return inputTokens === undefined ? undefined : create(UsageSchema, { inputTokens, source: UsageSource.PROVIDER });
}

export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  const tokens = usage?.inputTokens;
  return tokens === undefined ? undefined : { prompt_tokens: tokens, total_tokens: tokens };
}
