import { create, type MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageSchema } from '../../gen/sluice/v1/usage_pb.ts';
import { costBound } from '../../server/pricing/cost-bound.ts';
import { costOfUsage } from '../../server/pricing/cost-of-usage.ts';
import type { PriceSheet } from '../../server/pricing/price-sheet.ts';

const usage = (init: MessageInitShape<typeof UsageSchema>) => create(UsageSchema, init);

const SHEET: PriceSheet = {
  version: 'v1',
  rates: { input: 3_000_000_000n, output: 15_000_000_000n, cache_read: 300_000_000n, cache_write: 3_750_000_000n },
  fees: {},
  tiers: [{ above: 200_000, rates: { input: 6_000_000_000n, output: 22_500_000_000n } }],
};

describe('what an attempt costs', () => {
  it('is the sum of its tokens at their prices', () => {
    expect(costOfUsage(usage({ inputTokens: 1000, outputTokens: 500 }), SHEET)).toBe(3_000_000n + 7_500_000n);
  });

  it('bills cached tokens of the prompt at their own prices, and once', () => {
    const counted = usage({ inputTokens: 1000, outputTokens: 0, cacheReadTokens: 600, cacheWriteTokens: 100 });
    expect(costOfUsage(counted, SHEET)).toBe(600n * 300n + 100n * 3750n + 300n * 3000n);
  });

  it('bills what is written for an hour at its own price, else as what is written', () => {
    const counted = usage({ inputTokens: 100, outputTokens: 0, cacheWriteTokens: 100, cacheWrite1hTokens: 40 });
    expect(costOfUsage(counted, SHEET)).toBe(100n * 3750n);
    const hourly = { ...SHEET, rates: { ...SHEET.rates, cache_write_1h: 6_000_000_000n } };
    expect(costOfUsage(counted, hourly)).toBe(60n * 3750n + 40n * 6000n);
  });

  it('bills all tokens by the tier that the length of the prompt falls into', () => {
    expect(costOfUsage(usage({ inputTokens: 200_000, outputTokens: 1 }), SHEET)).toBe(200_000n * 3000n + 15_000n);
    expect(costOfUsage(usage({ inputTokens: 200_001, outputTokens: 1 }), SHEET)).toBe(200_001n * 6000n + 22_500n);
  });

  it('rounds up to a whole nano-dollar, once', () => {
    const cheap: PriceSheet = { ...SHEET, rates: { input: 1n, output: 1n }, tiers: [] };
    expect(costOfUsage(usage({ inputTokens: 1, outputTokens: 1 }), cheap)).toBe(1n);
    expect(costOfUsage(usage({ inputTokens: 500_000, outputTokens: 500_001 }), cheap)).toBe(2n);
  });

  it('is not known where nobody counted tokens', () => {
    expect(costOfUsage(usage({ inputTokens: 10 }), SHEET)).toBeUndefined();
    expect(costOfUsage(usage({ outputTokens: 10 }), SHEET)).toBeUndefined();
  });

  it('is not known where a token has no price, and nothing where it is free or there is none', () => {
    const noOutput: PriceSheet = { ...SHEET, rates: { input: 0n }, tiers: [] };
    expect(costOfUsage(usage({ inputTokens: 10, outputTokens: 1 }), noOutput)).toBeUndefined();
    expect(costOfUsage(usage({ inputTokens: 10, outputTokens: 0 }), noOutput)).toBe(0n);
  });

  it('has fees for the request and for searches of the provider, and is not known where a search has no price', () => {
    const searched = usage({ inputTokens: 0, outputTokens: 0, providerToolUses: { web_search: 3, code_execution: 1 } });
    expect(costOfUsage(searched, { ...SHEET, fees: { request: 5n, web_search: 10_000_000n } })).toBe(30_000_005n);
    expect(costOfUsage(searched, SHEET)).toBeUndefined();
  });
});

const rate = fc.bigInt({ min: 0n, max: 10n ** 15n });
const sheets: fc.Arbitrary<PriceSheet> = fc
  .record({
    input: rate,
    output: rate,
    cache_read: rate,
    cache_write: rate,
    cache_write_1h: rate,
    audio_input: rate,
    audio_output: rate,
  })
  .chain((rates) =>
    fc.record({
      version: fc.constant('v'),
      rates: fc.constant(rates),
      fees: fc.record({ request: rate, web_search: rate }),
      tiers: fc.array(fc.record({ above: fc.nat(300_000), rates: fc.record({ input: rate, output: rate }) }), {
        maxLength: 2,
      }),
    }),
  )
  .map((sheet) => ({ ...sheet, tiers: sheet.tiers.toSorted((left, right) => left.above - right.above) }));

/** Counts as providers report them: parts are no more than the whole. */
const usages = fc
  .record({
    read: fc.nat(200_000),
    hour: fc.nat(50_000),
    written: fc.nat(50_000),
    audio: fc.nat(50_000),
    plain: fc.nat(200_000),
  })
  .chain((parts) =>
    fc.record({ parts: fc.constant(parts), output: fc.nat(100_000), speech: fc.nat(1000), searches: fc.nat(5) }),
  );

describe('laws of cost', () => {
  it('equals a calculation in fractions, with less than a nano-dollar of rounding', () => {
    fc.assert(
      fc.property(sheets, usages, (sheet, { parts, output, speech, searches }) => {
        const input = parts.read + parts.hour + parts.written + parts.audio + parts.plain;
        const counted = usage({
          inputTokens: input,
          outputTokens: output + speech,
          cacheReadTokens: parts.read,
          cacheWriteTokens: parts.hour + parts.written,
          cacheWrite1hTokens: parts.hour,
          inputAudioTokens: parts.audio,
          outputAudioTokens: speech,
          providerToolUses: { web_search: searches },
        });
        const tier = sheet.tiers.findLast(({ above }) => input > above);
        const { rates } = sheet;
        const [inRate, outRate] = [tier?.rates.input ?? rates.input ?? 0n, tier?.rates.output ?? rates.output ?? 0n];
        const exact =
          BigInt(parts.read) * (rates.cache_read ?? 0n) +
          BigInt(parts.hour) * (rates.cache_write_1h ?? 0n) +
          BigInt(parts.written) * (rates.cache_write ?? 0n) +
          BigInt(parts.audio) * (rates.audio_input ?? 0n) +
          BigInt(parts.plain) * inRate +
          BigInt(output) * outRate +
          BigInt(speech) * (rates.audio_output ?? 0n) +
          ((sheet.fees.request ?? 0n) + BigInt(searches) * (sheet.fees.web_search ?? 0n)) * 1_000_000n;
        const over = (costOfUsage(counted, sheet) ?? -1n) * 1_000_000n - exact;
        expect(over >= 0n && over < 1_000_000n).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('never exceeds the bound that was made before the call', () => {
    fc.assert(
      fc.property(sheets, usages, fc.nat(1000), (sheet, { parts, output, speech, searches }, slack) => {
        const input = parts.read + parts.hour + parts.written + parts.audio + parts.plain;
        const cost = costOfUsage(
          usage({
            inputTokens: input,
            outputTokens: output + speech,
            cacheReadTokens: parts.read,
            cacheWriteTokens: parts.hour + parts.written,
            cacheWrite1hTokens: parts.hour,
            inputAudioTokens: parts.audio,
            outputAudioTokens: speech,
            providerToolUses: { web_search: searches },
          }),
          sheet,
        );
        const bound = costBound(
          { inputTokens: input + slack, outputTokens: output + speech + slack, webSearches: searches },
          sheet,
        );
        expect(cost !== undefined && bound !== undefined && cost <= bound).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('has no bound where a price that may be needed is not known', () => {
    const bound = { inputTokens: 1, outputTokens: 1, webSearches: 0 };
    expect(costBound(bound, { ...SHEET, rates: { output: 1n } })).toBeUndefined();
    expect(costBound(bound, { ...SHEET, rates: { input: 1n } })).toBeUndefined();
    expect(costBound({ ...bound, outputTokens: 0 }, { ...SHEET, rates: { input: 1n }, tiers: [] })).toBe(1n);
    expect(costBound({ ...bound, webSearches: 1 }, SHEET)).toBeUndefined();
  });
});
