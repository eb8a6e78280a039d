import type { Usage } from '../../gen/sluice/v1/usage_pb.ts';
import { type PriceSheet, ratesFor, type TokenRates } from './price-sheet.ts';

const TOKENS_PER_RATE = 1_000_000n;

/** Tokens that are billed at one rate; undefined is a rate that nobody knows. */
type Line = readonly [tokens: number, rate: bigint | undefined];

/**
 * What an attempt cost, in nano-dollars, rounded up once. Undefined where it cannot be told: tokens that nobody counted, or
 * tokens of which the price is not known. A kind of token without a rate of its own is billed as the kind that it is part of.
 */
export function costOfUsage(usage: Usage, sheet: PriceSheet): bigint | undefined {
  const { inputTokens, outputTokens } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const rates = ratesFor(sheet, inputTokens);
  const fees = feesOf(usage, sheet);
  if (fees === undefined) return undefined;
  let millionths = 0n;
  for (const [tokens, rate] of [...inputLines(usage, inputTokens, rates), ...outputLines(usage, outputTokens, rates)]) {
    if (tokens === 0) continue;
    if (rate === undefined) return undefined;
    millionths += BigInt(tokens) * rate;
  }
  return roundUp(millionths) + fees;
}

/** The prompt by price: from the cache, into it for an hour, into it, sound, and the rest. */
function inputLines(usage: Usage, inputTokens: number, rates: TokenRates): readonly Line[] {
  const { input } = rates;
  const read = usage.cacheReadTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  const hour = Math.min(usage.cacheWrite1hTokens ?? 0, written);
  const audio = usage.inputAudioTokens ?? 0;
  const write = rates.cache_write ?? input;
  return [
    [read, rates.cache_read ?? input],
    [hour, rates.cache_write_1h ?? write],
    [written - hour, write],
    [audio, rates.audio_input ?? input],
    // Sound that came from the cache is in both counts: what is left is never less than nothing.
    [Math.max(inputTokens - read - written - audio, 0), input],
  ];
}

/** The answer by price: sound, and the rest, reasoning included. */
function outputLines(usage: Usage, outputTokens: number, rates: TokenRates): readonly Line[] {
  const audio = Math.min(usage.outputAudioTokens ?? 0, outputTokens);
  return [
    [audio, rates.audio_output ?? rates.output],
    [outputTokens - audio, rates.output],
  ];
}

/** Nano-dollars that are billed by the piece. Undefined where a tool ran whose price is not known. */
function feesOf({ providerToolUses }: Usage, { fees }: PriceSheet): bigint | undefined {
  let sum = fees.request ?? 0n;
  for (const [tool, uses] of Object.entries(providerToolUses)) {
    const fee = tool.startsWith('web_search') ? fees.web_search : 0n;
    if (uses > 0 && fee === undefined) return undefined;
    sum += BigInt(uses) * (fee ?? 0n);
  }
  return sum;
}

/** Millionths of a nano-dollar to nano-dollars. */
export function roundUp(millionths: bigint): bigint {
  return (millionths + TOKENS_PER_RATE - 1n) / TOKENS_PER_RATE;
}
