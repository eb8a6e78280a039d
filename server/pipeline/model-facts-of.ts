import type { Capability as CardCapability, ModelCard } from '../catalogue/model-card.ts';
import { priceAt } from '../catalogue/price-at.ts';
import type { Snapshot } from '../config/snapshot.ts';
import type { Capability, ModelFacts, ModelFactsBook } from '../routing/model-facts.ts';
import { knownCard } from './known-card.ts';

/** What the catalogue knows of models, as routing asks for it. */
export function modelFactsOf(snapshot: Snapshot): ModelFactsBook {
  return ({ provider, model, nowMs }) => {
    const card = knownCard(snapshot, provider, model);
    return card === undefined ? undefined : factsOfCard(card, nowMs);
  };
}

function factsOfCard(card: ModelCard, nowMs: number): ModelFacts {
  const { contextLength, maxOutputTokens, regions } = card;
  const capabilities: Readonly<Partial<Record<Capability & CardCapability, boolean>>> = card.capabilities;
  const price = once(() => basePrice(card, nowMs));
  return {
    ...(contextLength !== undefined && { contextLength }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(regions.length > 0 && { regions }),
    capabilities,
    get price() {
      return price();
    },
  };
}

/** Without tiers: what the longest prompts cost more is not a matter of choosing among models. */
function basePrice(card: ModelCard, nowMs: number): ModelFacts['price'] {
  const rates = priceAt(card, nowMs)?.rates;
  return rates?.input === undefined || rates.output === undefined
    ? undefined
    : { input: rates.input, output: rates.output };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
