import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../server/catalogue/catalogue.ts';
import { parseCatalogue } from '../../server/catalogue/catalogue-file.ts';
import { importList, type ListFormat, NotAList } from '../../server/catalogue/import/import-list.ts';
import { nanoDollars, usdText } from '../../server/catalogue/nano-dollars.ts';

const page = 'https://example.com';
const known = createCatalogue(
  parseCatalogue(
    JSON.stringify({
      provider: 'openai',
      models: [
        {
          id: 'm',
          aliases: ['m-old'],
          context_length: 1000,
          capabilities: { tools: true },
          retires: '2027-01-01',
          lifecycle_source: page,
          prices: [{ source: page, input: 2_000_000_000, output: 8_000_000_000, cache_read: 500_000_000 }],
        },
      ],
    }),
  ).providers,
  () => undefined,
);

const run = (format: ListFormat, list: unknown) =>
  importList({ format, text: JSON.stringify(list), catalogue: known, today: '2026-11-24', providers: [] });
const litellm = (more: object, name = 'm') => {
  const entry = { litellm_provider: 'openai', mode: 'chat', ...more };
  const { entries, file } = run('litellm', { [name]: entry });
  const { providers, problems } = parseCatalogue(JSON.stringify(file));
  expect(problems).toEqual([]);
  return { entry: entries[0], card: providers[0]?.cards[0] };
};

describe("LiteLLM's list", () => {
  test('gives prices per token as whole nano-dollars per million, exactly', () => {
    const { card } = litellm({ input_cost_per_token: 1.25e-6, output_cost_per_token: 7.5e-8 }, 'new');
    expect(card?.prices[0]?.rates).toEqual({ input: 1_250_000_000n, output: 75_000_000n });
  });

  test('a price finer than a nano-dollar is rounded up and the table says so', () => {
    const { card, entry } = litellm({ input_cost_per_token: 1e-16, output_cost_per_token: 1e-6 }, 'new');
    expect(card?.prices[0]?.rates.input).toBe(1n);
    expect(entry?.details).toEqual(['input is finer than a nano-dollar per million tokens and was rounded up']);
  });

  test('that says the same as the catalogue changes nothing', () => {
    const { entry, card } = litellm({
      input_cost_per_token: 2e-6,
      output_cost_per_token: 8e-6,
      max_input_tokens: 1000,
    });
    expect([entry?.kind, card]).toEqual(['same', undefined]);
  });

  test('a price that changed holds from today; the old one and all other facts stay', () => {
    const { entry, card } = litellm({ input_cost_per_token: 3e-6, supports_vision: true });
    expect(entry).toEqual({ kind: 'changed', name: 'openai/m', details: ['input $2 -> $3', 'vision unknown -> true'] });
    expect(card).toMatchObject({
      contextLength: 1000,
      retires: '2027-01-01',
      capabilities: { tools: true, vision: true },
      prices: [
        { from: undefined, rates: { input: 2_000_000_000n } },
        { from: '2026-11-24', rates: { input: 3_000_000_000n, output: 8_000_000_000n, cache_read: 500_000_000n } },
      ],
    });
  });

  test('prices of long prompts are tiers by their length', () => {
    const { card } = litellm(
      {
        input_cost_per_token: 1e-6,
        input_cost_per_token_above_200k_tokens: 2e-6,
        output_cost_per_token_above_128k_tokens: 3e-6,
      },
      'new',
    );
    expect(card?.prices[0]?.tiers).toEqual([
      { above: 128_000, rates: { output: 3_000_000_000n } },
      { above: 200_000, rates: { input: 2_000_000_000n } },
    ]);
  });

  test('a price of 0 is not taken for a promise', () => {
    const { card, entry } = litellm({ input_cost_per_token: 0, output_cost_per_token: 0, max_input_tokens: 9 }, 'new');
    expect(card?.prices).toEqual([]);
    expect(entry?.details).toEqual(['its price is 0, which is taken as not known']);
  });

  test("a day of deprecation warns and never refuses: it isn't known to be the last one", () => {
    const { card } = litellm({ deprecation_date: '2026-01-01', max_input_tokens: 9 }, 'new');
    expect([card?.deprecated, card?.retires]).toEqual(['2026-01-01', undefined]);
  });

  test.each([
    [{ mode: 'image_generation' }, 'its mode is image_generation, which Sluice does not price'],
    [{ litellm_provider: 'nobody' }, 'no preset serves "nobody"'],
    [{ input_cost_per_token: -1 }, 'input_cost_per_token is no price in US dollars'],
    [{ input_cost_per_token: 1e300 }, 'input_cost_per_token is no price in US dollars'],
    [{ input_cost_per_token: 'free' }, 'input_cost_per_token is no price in US dollars'],
    [{ input_cost_per_token: {} }, 'input_cost_per_token is no price in US dollars'],
    [{ deprecation_date: 'soon', max_input_tokens: 9 }, 'deprecated must be a day, as in 2026-03-13'],
    [{}, 'it tells nothing'],
  ])('ignores %o, with why', (more, reason) => {
    const { entry } = litellm(more, 'new');
    expect(entry).toEqual({ kind: 'ignored', name: 'new', details: [reason] });
  });

  test('a name that stands twice under two spellings counts once', () => {
    const entry = { litellm_provider: 'openai', mode: 'chat', max_input_tokens: 5 };
    const { entries } = run('litellm', { 'openai/x': entry, x: { ...entry, max_input_tokens: 6 } });
    expect(entries.map(({ kind }) => kind)).toEqual(['new', 'ignored']);
  });
});

describe("models.dev's list", () => {
  const modelsDev = (model: object) => run('models.dev', { google: { models: { g: model } } });

  test('gives limits, modalities, capabilities and prices per million tokens', () => {
    const { file } = modelsDev({
      name: 'G',
      tool_call: true,
      reasoning: false,
      structured_output: true,
      release_date: '2026-09-02',
      modalities: { input: ['text', 'image', 'telepathy'], output: ['text'] },
      cost: { input: 0.075, output: 0.3, cache_read: 0.01875, tiers: [{ tier: { size: 200000 }, input: 0.15 }] },
      limit: { context: 1048576, output: 65536 },
    });
    expect(parseCatalogue(JSON.stringify(file)).providers[0]).toMatchObject({
      provider: 'gemini',
      cards: [
        {
          id: 'g',
          name: 'G',
          contextLength: 1048576,
          maxOutputTokens: 65536,
          input: ['image', 'text'],
          released: '2026-09-02',
          capabilities: { tools: true, reasoning: false, json_schema: true, vision: true, audio: false },
          prices: [
            {
              rates: { input: 75_000_000n, output: 300_000_000n, cache_read: 18_750_000n },
              tiers: [{ above: 200_000, rates: { input: 150_000_000n } }],
            },
          ],
        },
      ],
    });
  });

  test('tells of long prompts in an older way too', () => {
    const { file } = modelsDev({ cost: { input: 1, output: 2, context_over_200k: { input: 2 } } });
    const price = parseCatalogue(JSON.stringify(file)).providers[0]?.cards[0]?.prices[0];
    expect(price?.tiers).toEqual([{ above: 200_000, rates: { input: 2_000_000_000n } }]);
  });

  test('a provider without a preset is one line, however many models it has', () => {
    const { entries } = run('models.dev', {
      google: { models: { g: { limit: { context: 5 } } } },
      nobody: { models: { a: {}, b: {} } },
    });
    expect(entries).toEqual([
      { kind: 'new', name: 'gemini/g', details: [] },
      { kind: 'ignored', name: 'nobody', details: ['no preset serves this provider'] },
    ]);
  });
});

describe('a file that is no such list is refused', () => {
  test.each([
    ['litellm', '{'],
    ['litellm', '[]'],
    ['litellm', '{"google": {"models": {}}}'],
    ['models.dev', '{"gpt-5": {"litellm_provider": "openai"}}'],
    ['models.dev', 'null'],
  ] as const)('%s %s', (format, text) => {
    expect(() => importList({ format, text, catalogue: known, today: '2026-11-24', providers: [] })).toThrow(NotAList);
  });

  test('whatever a list holds, the written file is a valid catalogue or there is none', () => {
    const hostile = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'm')),
      fc
        .record(
          { litellm_provider: fc.constantFrom('openai', 'gemini'), mode: fc.constant('chat') },
          { requiredKeys: [] },
        )
        .chain((base) =>
          fc
            .dictionary(
              fc.constantFrom(
                'input_cost_per_token',
                'input_cost_per_token_above_0k_tokens',
                'max_input_tokens',
                'supports_vision',
                'source',
                'deprecation_date',
              ),
              fc.jsonValue(),
            )
            .map((more) => ({ ...base, ...more })),
        ),
    );
    fc.assert(
      fc.property(hostile, (list) => {
        try {
          expect(parseCatalogue(JSON.stringify(run('litellm', list).file)).problems).toEqual([]);
        } catch (thrown) {
          if (!(thrown instanceof NotAList)) throw thrown;
        }
      }),
    );
  });
});

describe('money is read without floating point', () => {
  test('an amount in dollars is the same amount in text', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), (nano) => {
        expect(nanoDollars(usdText(nano))).toEqual({ nano, exact: true });
      }),
    );
  });

  test.each([
    [0.1, 0, 100_000_000n],
    [0.3, 0, 300_000_000n],
    [8.33e-8, 6, 83_300_000n],
    [1e-7, 6, 100_000_000n],
    ['0.000000001', 0, 1n],
    ['999999.999999999', 0, 999_999_999_999_999n],
  ] as const)('%s', (amount, shift, nano) => {
    expect(nanoDollars(amount, shift)).toEqual({ nano, exact: true });
  });

  test.each(['', '-1', '1,5', '0x10', 'NaN', 'Infinity', '1e99', '1000001', '1'.repeat(50), ' 1'])(
    '"%s" is none',
    (text) => {
      expect(nanoDollars(text)).toBeUndefined();
    },
  );
});
