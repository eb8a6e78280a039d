import { hash } from 'node:crypto';
import type { DatedPrice, ModelCard } from './model-card.ts';

/** Enough of a digest to tell the prices of one model from each other. */
const DIGITS = 8;

/**
 * Names a price in records, as in anthropic/claude-x@2026-03-13#9f86d081: the model, the day from which on it holds, and what
 * it says. The same price has the same name in every process, and another one another name.
 */
export function priceVersion(card: Pick<ModelCard, 'provider' | 'id'>, price: DatedPrice): string {
  const { from, hours, rates, fees, tiers } = price;
  const said = JSON.stringify([sorted(rates), sorted(fees), tiers.map((tier) => [tier.above, sorted(tier.rates)])]);
  const when = `${from ?? 'always'}${hours === undefined ? '' : `T${hours.from}-${hours.to}`}`;
  return `${card.provider}/${card.id}@${when}#${hash('sha256', said).slice(0, DIGITS)}`;
}

function sorted(amounts: Readonly<Record<string, bigint>>): readonly (readonly [string, string])[] {
  const pairs = Object.entries(amounts).map(([name, amount]) => [name, String(amount)] as const);
  return pairs.sort(([left], [right]) => (left < right ? -1 : 1));
}
