import { create } from '@bufbuild/protobuf';
import { type Usage, UsageSchema, UsageSource } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf, objectsOf } from '../read-answer.ts';
import { MAX_UINT32 } from '../read-fields.ts';

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html: inputTokens leaves out what was
// read from the cache or written to it, where the contract's includes both.

/** A usage object; undefined where it holds no count at all. Counts that are absent stay unset: unknown is not zero. */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  const json = objectOf(value);
  if (json === undefined) return undefined;
  const plain = countOf(json['inputTokens']);
  const cacheReadTokens = countOf(json['cacheReadInputTokens']) ?? countOf(json['cacheReadInputTokenCount']);
  const cacheWriteTokens = countOf(json['cacheWriteInputTokens']) ?? countOf(json['cacheWriteInputTokenCount']);
  const cacheWrite1hTokens = hourTokens(json['cacheDetails']);
  const inputTokens =
    plain === undefined ? undefined : Math.min(MAX_UINT32, plain + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0));
  const outputTokens = countOf(json['outputTokens']);
  const counts = [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens];
  if (counts.every((count) => count === undefined)) return undefined;
  return create(UsageSchema, {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(cacheWrite1hTokens !== undefined && { cacheWrite1hTokens }),
    providerToolUses: toolUses(json['serverToolUsage']),
    source: UsageSource.PROVIDER,
  });
}

/** What was written for an hour; undefined where the provider does not tell its writes apart. */
function hourTokens(details: JsonValue | undefined): number | undefined {
  const entries = objectsOf(details);
  if (entries.length === 0) return undefined;
  return entries.reduce((sum, { ttl, inputTokens }) => (ttl === '1h' ? sum + (countOf(inputTokens) ?? 0) : sum), 0);
}

function toolUses(value: JsonValue | undefined): Record<string, number> {
  const entries = Object.entries(objectOf(value) ?? {}).flatMap(([name, uses]) => {
    const count = countOf(uses);
    return count === undefined || name === '__proto__' ? [] : [[name, count] as const];
  });
  return Object.fromEntries(entries);
}

/** A usage object with the latest of each count: they come in one event, but a repeated one doubles nothing. */
export function mergeLatest(known: JsonObject, later: JsonValue | undefined): JsonObject {
  const members = Object.entries(objectOf(later) ?? {}).filter(
    ([name, value]) => value !== null && name !== '__proto__',
  );
  return { ...known, ...Object.fromEntries(members) };
}

/** The usage member of an answer; undefined where nothing is known. The total needs both its summands. */
export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  if (usage === undefined) return undefined;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const both = inputTokens !== undefined && outputTokens !== undefined;
  return {
    inputTokens:
      inputTokens === undefined
        ? undefined
        : Math.max(0, inputTokens - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0)),
    outputTokens,
    totalTokens: both ? inputTokens + outputTokens : undefined,
    cacheReadInputTokens: cacheReadTokens,
    cacheWriteInputTokens: cacheWriteTokens,
  };
}
