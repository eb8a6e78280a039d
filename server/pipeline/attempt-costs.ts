import { create } from '@bufbuild/protobuf';
import { type Attempt, type Cost, CostSchema } from '../../gen/sluice/v1/decision_pb.ts';
import type { Usage } from '../../gen/sluice/v1/usage_pb.ts';
import type { Operation } from '../limits/call-ledger.ts';
import { costOfUsage } from '../pricing/cost-of-usage.ts';
import type { PriceBook } from './price-book.ts';

/** Puts onto each attempt with usage what it cost, where its price is known. */
export function priceAttempts(attempts: readonly Attempt[], operation: Operation, priceOf: PriceBook): void {
  // Counting tokens is free everywhere.
  if (operation === 'count_tokens') return;
  for (const attempt of attempts) {
    if (attempt.usage === undefined || attempt.cost !== undefined) continue;
    const sheet = priceOf(attempt);
    const nanoUsd = sheet && costOfUsage(billed(attempt.usage, operation), sheet);
    if (sheet !== undefined && nanoUsd !== undefined) {
      attempt.cost = create(CostSchema, { nanoUsd, priceVersion: sheet.version });
    }
  }
}

/** Vectors have no tokens, so that providers do not count any. */
function billed(usage: Usage, operation: Operation): Usage {
  return operation === 'embed' && usage.outputTokens === undefined ? { ...usage, outputTokens: 0 } : usage;
}

/**
 * What all attempts cost together, by the version of the price that the last of them names. Undefined where none has a cost, or
 * where one that used tokens has none: a part is not the whole.
 */
export function totalCost(attempts: readonly Attempt[]): Cost | undefined {
  const used = attempts.filter(({ usage }) => usage !== undefined);
  const costs = used.flatMap(({ cost }) => cost ?? []);
  const last = costs.at(-1);
  if (last === undefined || costs.length < used.length) return undefined;
  return create(CostSchema, {
    nanoUsd: costs.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n),
    priceVersion: last.priceVersion,
  });
}
