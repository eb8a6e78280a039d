import type { DatedPrice } from '../catalogue/model-card.ts';
import { priceAt } from '../catalogue/price-at.ts';
import { priceVersion } from '../catalogue/price-version.ts';
import type { Snapshot } from '../config/snapshot.ts';
import type { PriceSheet } from '../pricing/price-sheet.ts';
import { knownCard } from './known-card.ts';

/** What a model costs; undefined where no price is known. Called for each attempt: it must be quick. */
export type PriceBook = (target: { readonly provider: string; readonly model: string }) => PriceSheet | undefined;

/** A price is given its name once. */
const sheets = new WeakMap<DatedPrice, PriceSheet>();

/** The prices that hold at a moment, in milliseconds since 1970. */
export function priceBook(snapshot: Snapshot, atMs: number): PriceBook {
  return ({ provider, model }) => {
    const card = knownCard(snapshot, provider, model);
    const price = card === undefined ? undefined : priceAt(card, atMs);
    if (card === undefined || price === undefined) return undefined;
    let sheet = sheets.get(price);
    if (sheet === undefined) {
      sheet = { version: priceVersion(card, price), rates: price.rates, fees: price.fees, tiers: price.tiers };
      sheets.set(price, sheet);
    }
    return sheet;
  };
}
