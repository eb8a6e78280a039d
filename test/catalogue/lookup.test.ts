import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../server/catalogue/catalogue.ts';
import { parseCatalogue } from '../../server/catalogue/catalogue-file.ts';
import { readBuiltInCatalogue } from '../../server/stores/file/catalogue-data.ts';

const builtIn = createCatalogue([], readBuiltInCatalogue);
const find = (preset: string, model: string) => {
  const found = builtIn.find({ provider: 'any', preset }, model);
  return found && [found.card.id, found.match];
};

describe('a model is found', () => {
  test.each([
    ['openai', 'gpt-5.4', 'gpt-5.4', 'own'],
    ['openai', 'gpt-4.1-2025-04-14', 'gpt-4.1', 'own'],
    ['openai', 'gpt-6-sol-2026-09-22', 'gpt-6-sol', 'family'],
    ['anthropic', 'claude-3-opus-latest', 'claude-3-opus-20240229', 'own'],
    ['anthropic', 'claude-opus-5-20260724', 'claude-opus-5', 'family'],
    ['vertex-anthropic', 'claude-opus-4-5@20251101', 'claude-opus-4-5', 'family'],
    ['gemini', 'models/gemini-3.8-flash', 'gemini-3.8-flash', 'own'],
    ['gemini', 'gemini-3.5-flash-001', 'gemini-3.5-flash', 'family'],
    ['fireworks', 'kimi-k3', 'accounts/fireworks/models/kimi-k3', 'own'],
    ['bedrock', 'amazon.nova-pro-v1:0', 'amazon.nova-pro-v1:0', 'own'],
    ['bedrock', 'eu.amazon.nova-pro-v1:0', 'amazon.nova-pro-v1:0', 'own'],
    ['bedrock', 'us.anthropic.claude-opus-4-6-v1', 'anthropic.claude-opus-4-6-v1:0', 'own'],
    ['bedrock', 'anthropic.claude-opus-4-6', 'anthropic.claude-opus-4-6-v1:0', 'own'],
    [
      'bedrock',
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-6-v1',
      'anthropic.claude-opus-4-6-v1:0',
      'own',
    ],
  ])('%s %s', (preset, model, id, match) => {
    expect(find(preset, model)).toEqual([id, match]);
  });

  test('at Bedrock under a worldwide profile with its own price, elsewhere with that of the region', () => {
    const price = (model: string) =>
      builtIn.find({ provider: 'b', preset: 'bedrock' }, model)?.card.prices[0]?.rates.input;
    expect(price('global.anthropic.claude-opus-5')).toBe(5_000_000_000n);
    expect(price('eu.anthropic.claude-opus-5')).toBe(5_500_000_000n);
  });

  test.each([
    ['openai', 'gpt-5.4-turbo'],
    ['openai', 'gpt-5.4-2026'],
    ['openai', ''],
    ['openai', '__proto__'],
    ['openai', 'constructor'],
    ['nobody', 'gpt-5.4'],
    ['../data/openai', 'gpt-5.4'],
  ])('never where it is not: %s %s', (preset, model) => {
    expect(find(preset, model)).toBeUndefined();
  });

  test('never without a preset: what an address of the operator serves is not known', () => {
    expect(builtIn.find({ provider: 'openai', preset: undefined }, 'gpt-5.4')).toBeUndefined();
  });
});

const own = (provider: string, contextLength: number) =>
  parseCatalogue(JSON.stringify({ provider, models: [{ id: 'gpt-5.4', context_length: contextLength }] })).providers;

describe("an operator's card", () => {
  test('of a configured provider goes before one of its preset, and that before the built-in one', () => {
    const catalogue = createCatalogue([...own('openai', 2), ...own('mine', 1)], readBuiltInCatalogue);
    const lengthAt = (provider: string) =>
      catalogue.find({ provider, preset: 'openai' }, 'gpt-5.4')?.card.contextLength;
    expect([lengthAt('mine'), lengthAt('other')]).toEqual([1, 2]);
  });

  test('of the same name counts when it comes last', () => {
    const catalogue = createCatalogue([...own('mine', 1), ...own('mine', 2)], () => undefined);
    const found = catalogue.find({ provider: 'mine', preset: undefined }, 'gpt-5.4');
    expect([found?.card.contextLength, found?.own]).toEqual([2, true]);
  });
});

describe('the built-in catalogue costs nothing until it is asked', () => {
  test('a file is read once, when its first model is looked up', () => {
    const reads: string[] = [];
    const catalogue = createCatalogue([], (provider) => {
      reads.push(provider);
      return readBuiltInCatalogue(provider);
    });
    expect(reads).toEqual([]);
    for (const model of ['gpt-5.4', 'gpt-5.4', 'nothing']) catalogue.find({ provider: 'o', preset: 'openai' }, model);
    expect(reads).toEqual(['openai']);
  });
});
