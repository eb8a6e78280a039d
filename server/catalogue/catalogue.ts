import { type ProviderCards, parseCatalogue } from './catalogue-file.ts';
import type { ModelCard } from './model-card.ts';
import { modelNames, type NameMatch } from './model-names.ts';

/** Where a provider's models are looked up. */
export interface CatalogueAddress {
  /** The provider's name in the configuration, under which an operator's own cards stand. */
  readonly provider: string;
  /** The preset whose models it serves; undefined where none is known. */
  readonly preset: string | undefined;
}

/** A model that was found. */
export interface FoundModel {
  readonly card: ModelCard;
  /** Whether the name is the model's own, or a snapshot's that only the family is known of. */
  readonly match: NameMatch;
  /** An operator's card, not a built-in one. */
  readonly own: boolean;
}

/** What is known of models. */
export interface Catalogue {
  /** The card of a model: an operator's, else a built-in one. Undefined where nothing is known. In constant time. */
  find(address: CatalogueAddress, model: string): FoundModel | undefined;
  /** All models of a provider that are known by a preset's or a configured provider's name. */
  cardsOf(provider: string): readonly ModelCard[];
}

/** Gives the text of a provider's catalogue file; undefined where there is none. Called at most once for each. */
export type ReadCatalogue = (provider: string) => string | undefined;

/** The same provider may stand in several sections; of the same name the last one counts. */
export function createCatalogue(own: readonly ProviderCards[], read: ReadCatalogue): Catalogue {
  const mine = new Map<string, ReadonlyMap<string, ModelCard>>();
  for (const [provider, sections] of Map.groupBy(own, (section) => section.provider)) {
    mine.set(provider, indexOf(sections.flatMap(({ cards }) => cards)));
  }
  const builtIn = lazily(read);
  return {
    find({ provider, preset }, model) {
      const words = preset ?? provider;
      const named = lookUp(mine.get(provider), words, model) ?? lookUp(mine.get(words), words, model);
      if (named !== undefined) return { ...named, own: true };
      const known = preset === undefined ? undefined : lookUp(builtIn(preset), preset, model);
      return known === undefined ? undefined : { ...known, own: false };
    },
    cardsOf: (provider) => [
      ...new Set([...(builtIn(provider)?.values() ?? []), ...(mine.get(provider)?.values() ?? [])]),
    ],
  };
}

/** Knows nothing. */
export const EMPTY_CATALOGUE: Catalogue = createCatalogue([], () => undefined);

function lookUp(
  index: ReadonlyMap<string, ModelCard> | undefined,
  preset: string,
  model: string,
): Omit<FoundModel, 'own'> | undefined {
  if (index === undefined) return undefined;
  for (const [name, match] of modelNames(preset, model)) {
    const card = index.get(name);
    if (card !== undefined) return { card, match };
  }
  return undefined;
}

function indexOf(cards: readonly ModelCard[]): ReadonlyMap<string, ModelCard> {
  const index = new Map<string, ModelCard>();
  for (const card of cards) for (const name of card.aliases) index.set(name, card);
  // A name of its own goes before another model's alias.
  for (const card of cards) index.set(card.id, card);
  return index;
}

/** A provider's file is read when one of its models is first asked for: most installations use a few providers. */
function lazily(read: ReadCatalogue): (provider: string) => ReadonlyMap<string, ModelCard> | undefined {
  const indices = new Map<string, ReadonlyMap<string, ModelCard> | undefined>();
  return (provider) => {
    if (!indices.has(provider)) {
      const text = read(provider);
      indices.set(
        provider,
        text === undefined ? undefined : indexOf(parseCatalogue(text).providers.flatMap((section) => section.cards)),
      );
    }
    return indices.get(provider);
  };
}
