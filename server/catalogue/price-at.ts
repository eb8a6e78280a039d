import { dayOf } from './lifecycle.ts';
import type { DatedPrice, ModelCard } from './model-card.ts';

/** The price that holds at a time, in milliseconds since 1970; undefined where none is known. */
export function priceAt({ prices }: ModelCard, ms: number): DatedPrice | undefined {
  const day = dayOf(ms);
  const latest = prices.findLast(({ from, hours }) => hours === undefined && (from ?? '') <= day);
  if (latest === undefined) return undefined;
  const time = new Date(ms).toISOString().slice(11, 16);
  const timed = prices.find(
    ({ from, hours }) => hours !== undefined && from === latest.from && hours.from <= time && time < hours.to,
  );
  return timed ?? latest;
}
