import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../server/catalogue/catalogue.ts';
import { parseCatalogue } from '../../server/catalogue/catalogue-file.ts';
import { encodeCard } from '../../server/catalogue/encode-card.ts';
import { modelNames } from '../../server/catalogue/model-names.ts';
import { HOSTED_PRESETS } from '../../server/providers/hosted-presets.ts';
import { PRESETS } from '../../server/providers/presets.ts';
import { readBuiltInCatalogue } from '../../server/stores/file/catalogue-data.ts';

const FOLDER = path.join(import.meta.dirname, '../../server/catalogue/data');

const files = readdirSync(FOLDER).map((file) => ({
  preset: path.basename(file, '.json'),
  text: readFileSync(path.join(FOLDER, file), 'utf8'),
}));
const sections = files.map(({ preset, text }) => ({ preset, ...parseCatalogue(text) }));
const cards = sections.flatMap(({ providers }) => providers.flatMap((section) => section.cards));

describe('the built-in catalogue', () => {
  test.each(sections)('$preset is a preset, and every row of its file is valid', ({ preset, providers, problems }) => {
    expect(problems).toEqual([]);
    expect(PRESETS.has(preset)).toBe(true);
    expect(providers.map(({ provider }) => provider)).toEqual([preset]);
    expect(providers[0]?.checked).toMatch(/^2\d{3}-\d{2}-\d{2}$/);
  });

  test('has at least 150 models', () => {
    expect(cards.length).toBeGreaterThan(150);
  });

  test('names a page on the web for every price and every day of retirement', () => {
    const pages = cards.flatMap((card) => [
      ...card.prices.map(({ source }) => source),
      ...(card.retires === undefined && card.deprecated === undefined ? [] : [card.lifecycleSource]),
    ]);
    expect(pages.filter((page) => page === undefined || !page.startsWith('https://'))).toEqual([]);
  });

  test('holds prices between nothing and what the dearest model costs, and no row without a rate', () => {
    const rates = cards.flatMap(({ prices }) =>
      prices.flatMap((price) => [price.rates, ...price.tiers.map((tier) => tier.rates)]),
    );
    const amounts = rates.flatMap((each) => Object.values(each));
    expect(amounts.filter((nano) => nano < 0n || nano > 1_000_000_000_000n)).toEqual([]);
    expect(rates.filter((each) => Object.keys(each).length === 0)).toEqual([]);
  });

  test('an answer is never longer than its context', () => {
    const wrong = cards.filter(({ contextLength = Infinity, maxOutputTokens = 0 }) => maxOutputTokens > contextLength);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test('cached input is never dearer than input', () => {
    const wrong = cards.filter(({ prices }) =>
      prices.some(
        ({ rates: { input, cache_read: cached } }) => input !== undefined && cached !== undefined && cached > input,
      ),
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test('every card is found under each of its names, as its own', () => {
    const catalogue = createCatalogue([], readBuiltInCatalogue);
    for (const card of cards) {
      for (const name of [card.id, ...card.aliases]) {
        const found = catalogue.find({ provider: 'mine', preset: card.provider }, name);
        expect(found).toMatchObject({ card: { id: card.id, provider: card.provider }, match: 'own', own: false });
      }
    }
  });

  test('every successor is a model of the same provider', () => {
    const catalogue = createCatalogue([], readBuiltInCatalogue);
    const lost = cards.filter(({ provider, successor }) => {
      if (successor === undefined) return false;
      return catalogue.find({ provider, preset: provider }, successor)?.match !== 'own';
    });
    expect(lost.map(({ id }) => id)).toEqual([]);
  });

  test('the models that a preset lists are known where the preset has a file', () => {
    const catalogue = createCatalogue([], readBuiltInCatalogue);
    const unknown = HOSTED_PRESETS.filter(({ name }) => files.some(({ preset }) => preset === name)).flatMap((preset) =>
      preset.models
        .filter((model) => catalogue.find({ provider: preset.name, preset: preset.name }, model) === undefined)
        .map((model) => `${preset.name}/${model}`),
    );
    // No source tells of the first; the others are names for whatever is newest, or for a choice among models.
    expect(unknown).toEqual([
      'cohere/command-a-reasoning-08-2025',
      'mistral/mistral-large-latest',
      'openrouter/openrouter/auto',
    ]);
  });

  test('is written as it is read', () => {
    for (const { text, preset } of files) {
      const { models } = JSON.parse(text);
      const read = parseCatalogue(text).providers[0]?.cards.map(encodeCard);
      expect({ preset, models: read }).toEqual({ preset, models });
    }
  });

  test('a lookup tries at most a handful of names', () => {
    for (const card of cards) expect([...modelNames(card.provider, card.id)].length).toBeLessThanOrEqual(5);
  });
});
