import { create } from '@bufbuild/protobuf';
import { type Usage, UsageSchema, UsageSource } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf, objectsOf, stringOf } from '../read-answer.ts';

// https://ai.google.dev/api/generate-content#UsageMetadata

/**
 * usageMetadata; undefined where it holds no count. Thoughts are counted beside the candidates and what tools brought
 * beside the prompt; in the contract they are among output and input.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  const json = objectOf(value);
  if (json === undefined) return undefined;
  const counts = Object.entries({
    inputTokens: sum(json['promptTokenCount'], json['toolUsePromptTokenCount']),
    outputTokens: sum(json['candidatesTokenCount'], json['thoughtsTokenCount']),
    cacheReadTokens: countOf(json['cachedContentTokenCount']),
    reasoningTokens: countOf(json['thoughtsTokenCount']),
    inputAudioTokens: audioOf(json['promptTokensDetails']),
    outputAudioTokens: audioOf(json['candidatesTokensDetails']),
  }).filter(([, count]) => count !== undefined);
  if (counts.length === 0) return undefined;
  return create(UsageSchema, { ...Object.fromEntries(counts), source: UsageSource.PROVIDER });
}

/** Members that are zero are left out of Google's JSON: one of the two is enough. */
function sum(left: JsonValue | undefined, right: JsonValue | undefined): number | undefined {
  const counts = [countOf(left), countOf(right)].filter((count) => count !== undefined);
  return counts.length === 0 ? undefined : counts.reduce((total, count) => total + count, 0);
}

function audioOf(details: JsonValue | undefined): number | undefined {
  return objectsOf(details)
    .filter(({ modality }) => modality === 'AUDIO')
    .map(({ tokenCount }) => countOf(tokenCount))
    .find((count) => count !== undefined);
}

/** The class of service, where it is told. */
export function decodeTier(value: JsonValue | undefined): string {
  return stringOf(objectOf(value)?.['serviceTier']);
}

/** Takes what another chunk says: counts are cumulative, so the latest of each member stands. */
export function takeLatest(known: Map<string, JsonValue>, value: JsonValue | undefined): void {
  const later = objectOf(value) ?? {};
  for (const name in later) {
    const member = later[name];
    if (member !== undefined && member !== null) known.set(name, member);
  }
}

/** The usageMetadata of an answer; undefined where nothing is known. The total needs both its summands. */
export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  if (usage === undefined) return undefined;
  const { inputTokens, outputTokens, cacheReadTokens, reasoningTokens } = usage;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const both = inputTokens !== undefined && outputTokens !== undefined;
  return {
    promptTokenCount: inputTokens,
    cachedContentTokenCount: cacheReadTokens,
    candidatesTokenCount: outputTokens === undefined ? undefined : Math.max(0, outputTokens - (reasoningTokens ?? 0)),
    thoughtsTokenCount: reasoningTokens,
    totalTokenCount: both ? inputTokens + outputTokens : undefined,
    promptTokensDetails: audioDetails(usage.inputAudioTokens),
    candidatesTokensDetails: audioDetails(usage.outputAudioTokens),
  };
}

function audioDetails(count: number | undefined): JsonValue | undefined {
  return count === undefined ? undefined : [{ modality: 'AUDIO', tokenCount: count }];
}
