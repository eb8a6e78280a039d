import { create } from '@bufbuild/protobuf';
import type { Attempt } from '../../gen/sluice/v1/decision_pb.ts';
import { type Usage, UsageSchema, UsageSource } from '../../gen/sluice/v1/usage_pb.ts';

const COUNTS = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'cacheWrite1hTokens',
  'inputAudioTokens',
  'outputAudioTokens',
] as const;

/** The sum over attempts, field by field. A count that no attempt reported stays unset; undefined where none did. */
export function totalUsage(attempts: readonly Attempt[]): Usage | undefined {
  const reported = attempts.flatMap((attempt) => (attempt.usage === undefined ? [] : [attempt.usage]));
  const first = reported[0];
  if (first === undefined) return undefined;
  const total = create(UsageSchema, { source: first.source });
  for (const usage of reported) {
    for (const count of COUNTS) {
      const value = usage[count];
      if (value !== undefined) total[count] = (total[count] ?? 0) + value;
    }
    for (const [tool, uses] of Object.entries(usage.providerToolUses)) {
      total.providerToolUses[tool] = (total.providerToolUses[tool] ?? 0) + uses;
    }
    // One estimate makes the sum an estimate.
    if (usage.source === UsageSource.ESTIMATE) total.source = UsageSource.ESTIMATE;
  }
  return total;
}
