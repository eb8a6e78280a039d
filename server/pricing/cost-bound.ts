import { roundUp } from './cost-of-usage.ts';
import { type PriceSheet, ratesFor, type TokenRates } from './price-sheet.ts';

/** The most that a call may use. */
export interface UsageBound {
  /** At least the tokens of the prompt: a token of a byte-level tokenizer covers one byte or more. */
  readonly inputTokens: number;
  /** The most tokens of the answer, over all its choices. */
  readonly outputTokens: number;
  /** Searches that the provider may run by itself. */
  readonly webSearches: number;
}

/**
 * The most that an attempt can cost, in nano-dollars: every token at the dearest rate that it may be billed at. Undefined where
 * a price is not known.
 */
export function costBound(bound: UsageBound, sheet: PriceSheet): bigint | undefined {
  const { inputTokens, outputTokens, webSearches } = bound;
  const held = ratesUpTo(sheet, inputTokens);
  const parts = [
    bounded(inputTokens, sheet.rates.input, held.flatMap(inputRates)),
    bounded(
      outputTokens,
      sheet.rates.output,
      held.flatMap(({ output, audio_output: audio }) => [output, audio]),
    ),
  ];
  const search = webSearches === 0 ? 0n : sheet.fees.web_search;
  if (parts.includes(undefined) || search === undefined) return undefined;
  const millionths = parts.reduce<bigint>((sum, part) => sum + (part ?? 0n), 0n);
  return roundUp(millionths) + (sheet.fees.request ?? 0n) + BigInt(webSearches) * search;
}

/** The prompt may turn out shorter than its bound: the rates of all tiers up to it may hold. */
function ratesUpTo(sheet: PriceSheet, inputTokens: number): readonly TokenRates[] {
  const tiers = sheet.tiers.filter(({ above }) => inputTokens > above);
  return [sheet.rates, ...tiers.map(({ above }) => ratesFor(sheet, above + 1))];
}

/** Millionths of a nano-dollar at the dearest rate. Undefined without the base rate: one of cached tokens alone is no price. */
function bounded(tokens: number, base: bigint | undefined, rates: readonly (bigint | undefined)[]): bigint | undefined {
  if (tokens === 0) return 0n;
  if (base === undefined) return undefined;
  return BigInt(tokens) * rates.reduce<bigint>((most, rate) => (rate !== undefined && rate > most ? rate : most), base);
}

function inputRates(rates: TokenRates): readonly (bigint | undefined)[] {
  return [rates.input, rates.cache_read, rates.cache_write, rates.cache_write_1h, rates.audio_input];
}
