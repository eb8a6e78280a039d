import { describe, expect, test } from 'vitest';
import { parseCatalogue } from '../../server/catalogue/catalogue-file.ts';

const page = 'https://example.com';
const problemsOf = (...models: readonly unknown[]) =>
  parseCatalogue(JSON.stringify({ provider: 'p', models })).problems;

describe('a catalogue file is refused, with the place of what is wrong, where', () => {
  test.each([
    ['it is not JSON', '{', 'the file is not JSON'],
    ['it is a list', '[]', 'the file must be an object'],
    ['a provider has no name', '{"models": []}', 'provider is missing'],
    ['a section is no object', '{"providers": [1]}', 'providers[0] must be an object'],
    ['something else stands beside the providers', '{"providers": [], "x": 1}', 'x is not a known member'],
  ])('%s', (_, text, problem) => {
    expect(parseCatalogue(text).problems).toContain(problem);
  });

  test.each([
    ['a model has no id', {}, 'models[0].id is missing'],
    ['a member is not known', { id: 'a', tools: true }, 'models[0].tools is not a known member'],
    [
      'a capability is not known',
      { id: 'a', capabilities: { fly: true } },
      'models[0].capabilities.fly is not a known member',
    ],
    [
      'a capability is neither true nor false',
      { id: 'a', capabilities: { tools: 1 } },
      'models[0].capabilities.tools must be true or false',
    ],
    ['a context is 0', { id: 'a', context_length: 0 }, 'models[0].context_length must be a whole number of at least 1'],
    [
      'a modality is not known',
      { id: 'a', input: ['smell'] },
      'models[0].input must hold only audio, embedding, image, pdf, text, video, each once',
    ],
    ['a day is none', { id: 'a', released: '2026-02-30' }, 'models[0].released must be a day, as in 2026-03-13'],
    [
      'it ends before it begins',
      { id: 'a', released: '2026-02-01', retires: '2026-01-01', lifecycle_source: page },
      'models[0].retires must not be before the day of deprecation, nor that before the release',
    ],
    [
      'nobody says that it ends',
      { id: 'a', retires: '2026-01-01' },
      'models[0].lifecycle_source is missing: days of deprecation and retirement say where they are from',
    ],
    ['a model follows itself', { id: 'a', successor: 'a' }, 'models name "a" as its own successor'],
    [
      'a price has no source',
      { id: 'a', prices: [{ input: 1 }] },
      'models[0].prices[0].source is missing: prices say where they are from',
    ],
    [
      'a price is a fraction',
      { id: 'a', prices: [{ source: page, input: 0.5 }] },
      'models[0].prices[0].input must be a whole number of nano-dollars',
    ],
    [
      'a price is negative',
      { id: 'a', prices: [{ source: page, input: -1 }] },
      'models[0].prices[0].input must be a whole number of nano-dollars',
    ],
    [
      'a price is a text',
      { id: 'a', prices: [{ source: page, input: '1' }] },
      'models[0].prices[0].input must be a whole number of nano-dollars',
    ],
    [
      'days of prices fall',
      { id: 'a', prices: [{ source: page, from: '2026-02-01' }, { source: page }] },
      'models[0].prices[1].from must not be before the price above it',
    ],
    [
      'two prices share a day',
      { id: 'a', prices: [{ source: page }, { source: page }] },
      'models[0].prices[1].from is the day of another price',
    ],
    [
      'hours go backwards',
      { id: 'a', prices: [{ source: page, hours: { from: '04:00', to: '01:00' } }] },
      'models[0].prices[0].hours must be from one time of a day to a later one, as in {"from": "01:00", "to": "04:00"}',
    ],
    [
      'lengths of tiers fall',
      {
        id: 'a',
        prices: [
          {
            source: page,
            tiers: [
              { above: 2, input: 1 },
              { above: 2, input: 1 },
            ],
          },
        ],
      },
      'models[0].prices[0].tiers[1].above must be more than the tier before',
    ],
  ])('%s', (_, model, problem) => {
    expect(problemsOf(model)).toContain(problem);
  });

  test('two models share a name', () => {
    expect(problemsOf({ id: 'a' }, { id: 'b', aliases: ['a'] })).toEqual(['models name "a" twice']);
  });

  test('it is wrong everywhere, and no more is told than people read', () => {
    const many = Array.from({ length: 5000 }, () => ({ id: '' }));
    expect(problemsOf(...many)).toHaveLength(100);
  });

  test('names are those of object members', () => {
    const text = '{"provider": "p", "models": [{"id": "__proto__", "__proto__": {"name": "x"}}]}';
    expect(parseCatalogue(text).problems).toEqual(['models[0].__proto__ is not a known member']);
  });
});
