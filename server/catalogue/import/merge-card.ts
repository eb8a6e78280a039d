import type { DatedPrice, ModelCard, Rates } from '../model-card.ts';
import { usdText } from '../nano-dollars.ts';
import { priceAt } from '../price-at.ts';

/** A known card with what a list says put into it. */
export interface MergedCard {
  readonly card: ModelCard;
  /** What became different, for people. Empty: the list says nothing new. */
  readonly changes: readonly string[];
}

/**
 * Puts what a list says of a model into what is known of it. What the list does not say stays; a price that is different
 * holds from today (a day such as 2026-11-24), and the ones before it stay for the days before.
 */
export function mergeCard(known: ModelCard, said: ModelCard, today: string): MergedCard {
  const changes: string[] = [];
  const take = <T extends string | number>(
    name: string,
    before: T | undefined,
    after: T | undefined,
  ): T | undefined => {
    if (after === undefined || after === before) return before;
    changes.push(`${name} ${before ?? 'unknown'} -> ${after}`);
    return after;
  };
  const card: ModelCard = {
    ...known,
    name: known.name ?? said.name,
    contextLength: take('context_length', known.contextLength, said.contextLength),
    maxOutputTokens: take('max_output_tokens', known.maxOutputTokens, said.maxOutputTokens),
    input: known.input.length > 0 ? known.input : said.input,
    output: known.output.length > 0 ? known.output : said.output,
    capabilities: { ...known.capabilities, ...said.capabilities },
    // A day that is known came with its source; a list's day is of less weight.
    deprecated: known.retires === undefined ? take('deprecated', known.deprecated, said.deprecated) : known.deprecated,
    lifecycleSource: known.lifecycleSource ?? said.lifecycleSource,
    prices: mergePrices(known, said, { today, changes }),
  };
  for (const [name, can] of Object.entries(said.capabilities)) {
    const before: boolean | undefined = known.capabilities[name as keyof ModelCard['capabilities']];
    if (before !== can) changes.push(`${name} ${before ?? 'unknown'} -> ${can}`);
  }
  return { card, changes };
}

function mergePrices(
  known: ModelCard,
  said: ModelCard,
  { today, changes }: { readonly today: string; readonly changes: string[] },
): readonly DatedPrice[] {
  const price = said.prices.at(-1);
  if (price === undefined) return known.prices;
  const before = priceAt(known, Date.parse(`${today}T00:00:00Z`));
  const rates: Rates = { ...before?.rates, ...price.rates };
  const different = (Object.keys(price.rates) as (keyof Rates)[]).filter(
    (name) => price.rates[name] !== before?.rates[name],
  );
  for (const name of different) changes.push(`${name} ${usd(before?.rates[name])} -> ${usd(price.rates[name])}`);
  const tiers = price.tiers.length > 0 && !sameTiers(price, before) ? price.tiers : (before?.tiers ?? price.tiers);
  if (tiers !== before?.tiers && tiers.length > 0) changes.push('prices of long prompts');
  if (different.length === 0 && tiers === (before?.tiers ?? tiers)) return known.prices;
  const from = before === undefined ? undefined : today;
  const earlier = known.prices.filter((old) => from !== undefined && (old.from ?? '') < from);
  return [...earlier, { ...price, from, rates, fees: { ...before?.fees, ...price.fees }, tiers }];
}

function sameTiers(one: DatedPrice, other: DatedPrice | undefined): boolean {
  const text = (price: DatedPrice): string =>
    price.tiers.map(({ above, rates }) => `${above}:${Object.entries(rates).sort().join()}`).join(';');
  return other !== undefined && text(one) === text(other);
}

function usd(nano: bigint | undefined): string {
  return nano === undefined ? 'unknown' : `$${usdText(nano)}`;
}
