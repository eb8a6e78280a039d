import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../server/catalogue/catalogue.ts';
import { parseCatalogue } from '../../server/catalogue/catalogue-file.ts';
import { lifecycleOf } from '../../server/catalogue/lifecycle.ts';
import { priceAt } from '../../server/catalogue/price-at.ts';

const page = 'https://example.com/models';
const { providers, problems } = parseCatalogue(
  JSON.stringify({
    provider: 'p',
    models: [
      { id: 'old', retires: '2026-06-15', deprecated: '2026-01-10', successor: 'middle', lifecycle_source: page },
      { id: 'middle', retires: '2026-08-01', successor: 'new', lifecycle_source: page },
      { id: 'new' },
      { id: 'moved', retires: '2026-06-15', rerouted: true, successor: 'new', lifecycle_source: page },
      { id: 'alone', retires: '2026-06-15', lifecycle_source: page },
      { id: 'circle-a', retires: '2026-01-01', successor: 'circle-b', lifecycle_source: page },
      { id: 'circle-b', retires: '2026-01-01', successor: 'circle-a', lifecycle_source: page },
      {
        id: 'priced',
        prices: [
          { source: page, input: 100 },
          { from: '2026-03-01', source: page, input: 200 },
          { from: '2026-03-01', hours: { from: '01:00', to: '04:00' }, source: page, input: 400 },
        ],
      },
    ],
  }),
);
const catalogue = createCatalogue(providers, () => undefined);
const at = (id: string, time: string) => {
  const found = catalogue.find({ provider: 'p', preset: undefined }, id);
  if (found === undefined) throw new Error(`no ${id}`);
  return { found, ms: Date.parse(time) };
};
const say = (id: string, day: string) => {
  const { found, ms } = at(id, `${day}T12:00:00Z`);
  return lifecycleOf(found, catalogue, ms);
};

describe('the life of a model', () => {
  test('the rows are valid', () => {
    expect(problems).toEqual([]);
  });

  test('is fine before the notice', () => {
    expect(say('old', '2026-01-09').state).toBe('fine');
    expect(say('new', '2030-01-01').state).toBe('fine');
  });

  test('is deprecated from the notice to its last day, and the warning names the day and the successor', () => {
    expect(say('old', '2026-01-10')).toEqual({
      state: 'deprecated',
      message: "p's model old will be retired on 2026-06-15. Its successor is middle.",
    });
    expect(say('old', '2026-06-15').state).toBe('deprecated');
  });

  test('is deprecated as soon as a last day is known, where nobody wrote down the notice', () => {
    expect(say('alone', '2020-01-01').state).toBe('deprecated');
  });

  test('is over on the day after', () => {
    expect(say('old', '2026-06-16')).toMatchObject({ state: 'retired', successor: 'middle' });
    expect(say('alone', '2026-06-16')).toEqual({
      state: 'retired',
      message: "p's model alone was retired on 2026-06-15.",
      successor: undefined,
    });
  });

  test('names the first successor that is still served', () => {
    expect(say('old', '2026-08-02')).toMatchObject({ state: 'retired', successor: 'new' });
  });

  test('goes on as a warning where the provider answers with the successor', () => {
    const said = say('moved', '2026-07-01');
    expect(said).toMatchObject({ state: 'deprecated', message: expect.stringContaining('answers with new') });
  });

  test('ends where successors go round in a circle', () => {
    expect(say('circle-a', '2026-07-01').state).toBe('retired');
  });

  test('says nothing of a snapshot that only its family is known of', () => {
    const { found, ms } = at('old-2027-01-01', '2026-12-01T00:00:00Z');
    expect(found.match).toBe('family');
    expect(lifecycleOf(found, catalogue, ms).state).toBe('fine');
  });
});

describe('the price at a time', () => {
  test.each([
    ['2026-02-28T23:59:59Z', 100n],
    ['2026-03-01T00:00:00Z', 200n],
    ['2026-03-01T01:00:00Z', 400n],
    ['2026-05-01T03:59:59Z', 400n],
    ['2026-05-01T04:00:00Z', 200n],
  ])('%s', (time, nano) => {
    const { found, ms } = at('priced', time);
    expect(priceAt(found.card, ms)?.rates.input).toBe(nano);
  });

  test('is not known where no row says it', () => {
    const { found, ms } = at('new', '2026-05-01T00:00:00Z');
    expect(priceAt(found.card, ms)).toBeUndefined();
  });
});
