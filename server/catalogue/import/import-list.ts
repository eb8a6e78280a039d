import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Catalogue } from '../catalogue.ts';
import { decodeCard } from '../decode-card.ts';
import { encodeCard } from '../encode-card.ts';
import type { ModelCard } from '../model-card.ts';
import type { ForeignList, ForeignModel } from './foreign-model.ts';
import { mergeCard } from './merge-card.ts';
import { looksLikeLiteLlm, readLiteLlm } from './read-litellm.ts';
import { readModelsDev } from './read-models-dev.ts';

/** Lists of others that can be read. */
export const LIST_FORMATS = ['litellm', 'models.dev'] as const;

export type ListFormat = (typeof LIST_FORMATS)[number];

/** What became of one entry of a list. */
export interface ImportedEntry {
  readonly kind: 'new' | 'changed' | 'same' | 'ignored';
  /** As "provider/model" with a preset's name; as the list names it where it was ignored. */
  readonly name: string;
  /** Changes, notes or the reason. */
  readonly details: readonly string[];
}

export interface ImportResult {
  /** In the order of the list. */
  readonly entries: readonly ImportedEntry[];
  /** The new and the changed models as a catalogue file; parseCatalogue reads it back. */
  readonly file: JsonObject;
}

export interface ImportInput {
  readonly format: ListFormat;
  /** The list's JSON text. */
  readonly text: string;
  /** What is known already. */
  readonly catalogue: Catalogue;
  /** As in 2026-11-24: prices that changed hold from then. */
  readonly today: string;
  /** Presets whose models are taken. Empty: all. */
  readonly providers: readonly string[];
}

/** More than both lists together have, many times over. */
const MAX_ENTRIES = 100_000;

/** A list that is none. The message is for people. */
export class NotAList extends Error {}

/** Compares somebody else's list with what is known. Throws NotAList where the text is no such list. */
export function importList({ format, text, catalogue, today, providers }: ImportInput): ImportResult {
  const list = readList(format, text);
  if (list.models.length + list.ignored.length > MAX_ENTRIES)
    throw new NotAList(`It has more than ${MAX_ENTRIES} entries.`);
  const taken = new Map<string, Map<string, ModelCard>>();
  const seen = new Set<string>();
  const wanted = list.models.filter(({ provider }) => providers.length === 0 || providers.includes(provider));
  const entries = wanted.map((model): ImportedEntry => {
    const { card, wrong } = decode(model);
    if (card === undefined) return { kind: 'ignored', name: model.name, details: wrong };
    if (tellsNothing(card)) {
      return {
        kind: 'ignored',
        name: model.name,
        details: model.notes.length > 0 ? model.notes : ['it tells nothing'],
      };
    }
    const name = `${card.provider}/${card.id}`;
    if (seen.has(name)) return { kind: 'ignored', name: model.name, details: [`${name} stands in the list before`] };
    seen.add(name);
    const { kind, changes, merged } = compare(card, catalogue, today);
    if (kind !== 'same') {
      const cards = taken.get(card.provider) ?? new Map();
      taken.set(card.provider, cards.set(merged.id, merged));
    }
    return { kind, name, details: [...changes, ...model.notes] };
  });
  const others = providers.length === 0 ? list.ignored : [];
  const ignored = others.map(({ name, reason }): ImportedEntry => ({ kind: 'ignored', name, details: [reason] }));
  return { entries: [...entries, ...ignored], file: fileOf(taken, today) };
}

function compare(card: ModelCard, catalogue: Catalogue, today: string) {
  const found = catalogue.find({ provider: card.provider, preset: card.provider }, card.id);
  // A name that only means the same as another one is not worth a row of its own.
  const known = found?.match === 'own' && found.card.id === card.id ? found.card : undefined;
  if (known === undefined) {
    const same = found?.match === 'own' ? [`the same as ${found.card.id}`] : [];
    return { kind: same.length > 0 ? ('same' as const) : ('new' as const), changes: same, merged: card };
  }
  const { card: merged, changes } = mergeCard(known, card, today);
  return { kind: changes.length > 0 ? ('changed' as const) : ('same' as const), changes, merged };
}

function readList(format: ListFormat, text: string): ForeignList {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NotAList('It is not JSON.');
  }
  if (!isJsonObject(value)) throw new NotAList('It is not an object of models or providers.');
  if (format === 'litellm' && !looksLikeLiteLlm(value)) {
    throw new NotAList('No entry has a litellm_provider: this is not model_prices_and_context_window.json.');
  }
  const list = format === 'litellm' ? readLiteLlm(value) : readModelsDev(value);
  if (list.models.length === 0 && format === 'models.dev') {
    throw new NotAList('It has no provider with models that a preset serves: this is not api.json of models.dev.');
  }
  return list;
}

function decode(model: ForeignModel): { readonly card: ModelCard | undefined; readonly wrong: readonly string[] } {
  const wrong: string[] = [];
  const card = decodeCard(model.provider, model.row, (member, message) => wrong.push(`${member} ${message}`));
  return { card: wrong.length > 0 ? undefined : card, wrong };
}

/** A name alone is no fact. */
function tellsNothing({ contextLength, maxOutputTokens, capabilities, prices, input }: ModelCard): boolean {
  const parts = [...prices, ...input, ...Object.keys(capabilities)];
  return parts.length === 0 && contextLength === undefined && maxOutputTokens === undefined;
}

function fileOf(taken: ReadonlyMap<string, ReadonlyMap<string, ModelCard>>, today: string): JsonObject {
  const providers = [...taken]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([provider, cards]) => ({ provider, checked: today, models: [...cards.values()].map(encodeCard) }));
  return { providers };
}
